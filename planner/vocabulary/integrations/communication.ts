import { readTable } from "../integration.ts";

export const chat = readTable(
  "chat",
  `
slack | Slack | hooks.slack.com | chat | slack channel
discord | Discord | discord.com | chat |
telegram | Telegram | api.telegram.org | chat | tg
whatsapp | WhatsApp | graph.facebook.com | chat | whats app, wa business
microsoft-teams | Microsoft Teams | graph.microsoft.com | chat | ms teams, msteams, teams channel, teams message, in teams, to teams, on teams, via teams, sur teams, dans teams, auf teams, su teams, en teams, por teams, teams-kanal
google-chat | Google Chat | chat.googleapis.com | chat | gchat
mattermost | Mattermost | - | chat |
rocketchat | Rocket.Chat | - | chat | rocketchat, rocket chat
matrix | !Matrix | matrix.org | chat | element chat
signal | !Signal | - | chat | signal messenger, signal app
line | !LINE | api.line.me | chat | line messenger, line bot, line app
viber | Viber | chatapi.viber.com | chat |
wechat | WeChat | api.weixin.qq.com | chat | weixin
messenger | Facebook Messenger | graph.facebook.com | chat | fb messenger, messenger bot
zulip | Zulip | - | chat |
webex | Webex | webexapis.com | chat | cisco webex
feishu | Feishu | open.feishu.cn | chat | lark
dingtalk | DingTalk | oapi.dingtalk.com | chat |
twitch | Twitch | api.twitch.tv | chat |
kakaotalk | KakaoTalk | kapi.kakao.com | chat | kakao
crisp | !Crisp | api.crisp.chat | chat | crisp chat
`,
);

export const phone = readTable(
  "sms",
  `
twilio | Twilio | api.twilio.com | push |
vonage | Vonage | api.nexmo.com | push | nexmo
messagebird | MessageBird | rest.messagebird.com | push | bird api
plivo | Plivo | api.plivo.com | push |
msg91 | MSG91 | control.msg91.com | none |
clicksend | ClickSend | rest.clicksend.com | none |
telnyx | Telnyx | api.telnyx.com | push |
vapi | Vapi | api.vapi.ai | push |
retell | Retell | api.retellai.com | push | retell ai
bland | !Bland | api.bland.ai | push | bland ai
aircall | Aircall | api.aircall.io | push |
ringcentral | RingCentral | platform.ringcentral.com | push |
dialpad | Dialpad | dialpad.com | push |
pushover | Pushover | api.pushover.net | none |
pushbullet | Pushbullet | api.pushbullet.com | none |
ntfy | ntfy | ntfy.sh | none |
onesignal | OneSignal | onesignal.com | none |
gotify | Gotify | - | none |
`,
);

export const mail = readTable(
  "email",
  `
gmail | Gmail | gmail.googleapis.com | poll | google mail, googlemail
outlook | Outlook | graph.microsoft.com | poll | microsoft outlook, office 365 mail, hotmail, o365
imap | IMAP | - | poll |
smtp | SMTP | - | none |
fastmail | Fastmail | api.fastmail.com | poll |
protonmail | Proton Mail | - | poll | protonmail
zoho-mail | Zoho Mail | mail.zoho.com | poll |
sendgrid | SendGrid | api.sendgrid.com | push | twilio sendgrid
resend | !Resend | api.resend.com | none | resend.com, via resend, with resend, using resend
mailgun | Mailgun | api.mailgun.net | push |
postmark | Postmark | api.postmarkapp.com | push |
ses | Amazon SES | email.amazonaws.com | none | aws ses, ses
brevo | Brevo | api.brevo.com | push | sendinblue
mailjet | Mailjet | api.mailjet.com | none |
mandrill | Mandrill | mandrillapp.com | none |
sparkpost | SparkPost | api.sparkpost.com | none |
`,
);

export const meetings = readTable(
  "calendar",
  `
google-calendar | Google Calendar | www.googleapis.com | poll | gcal, google cal
outlook-calendar | Outlook Calendar | graph.microsoft.com | poll |
calendly | Calendly | api.calendly.com | push |
cal.com | Cal.com | api.cal.com | push | calcom, cal com
zoom | !Zoom | api.zoom.us | push | zoom meeting, zoom meetings, zoom call, zoom calls, zoom webinar, on zoom, zoom recording, zoom recordings
google-meet | Google Meet | meet.googleapis.com | poll | gmeet
acuity | Acuity Scheduling | acuityscheduling.com | push | acuity
savvycal | SavvyCal | api.savvycal.com | push |
fireflies | Fireflies | api.fireflies.ai | push | fireflies.ai
otter | Otter.ai | - | push |
gong | Gong | api.gong.io | poll |
fathom | Fathom | api.fathom.ai | push |
granola | Granola | - | poll |
livestorm | Livestorm | api.livestorm.co | push |
eventbrite | Eventbrite | www.eventbriteapi.com | push |
luma | !Luma | api.lu.ma | push | lu.ma
meetup | Meetup | api.meetup.com | poll | meetup.com
icloud-calendar | iCloud Calendar | caldav.icloud.com | poll | caldav
`,
);
