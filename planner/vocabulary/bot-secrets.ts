interface BotSecret {
  readonly name: string;
  readonly purpose: string;
  /** Absent: it never leaves, it verifies. */
  readonly host?: string;
}

/** What a bot needs on each platform, under the usual names. */
export const botSecrets: Readonly<Record<string, readonly BotSecret[]>> = {
  telegram: [
    {
      name: "TELEGRAM_BOT_TOKEN",
      purpose: "Token of the Telegram bot, from @BotFather.",
      host: "api.telegram.org",
    },
    {
      name: "TELEGRAM_WEBHOOK_SECRET",
      purpose: "Made up by you (A-Z, a-z, 0-9, _ and -) and given to setWebhook as secret_token.",
    },
  ],
  slack: [
    { name: "SLACK_SIGNING_SECRET", purpose: "Signing Secret of the Slack app." },
    { name: "SLACK_BOT_TOKEN", purpose: "Bot token of the Slack app.", host: "slack.com" },
  ],
  discord: [
    { name: "DISCORD_PUBLIC_KEY", purpose: "Public Key of the Discord application." },
    { name: "DISCORD_BOT_TOKEN", purpose: "Token of the Discord bot.", host: "discord.com" },
  ],
  whatsapp: [
    { name: "WHATSAPP_APP_SECRET", purpose: "App secret of the Meta app." },
    { name: "WHATSAPP_VERIFY_TOKEN", purpose: "Any long random text, entered at Meta as well." },
    {
      name: "WHATSAPP_ACCESS_TOKEN",
      purpose: "Token of a system user with `whatsapp_business_messaging`.",
      host: "graph.facebook.com",
    },
  ],
};
