/** A kind of service that is named without saying which one. */
export interface Category {
  readonly id: string;
  readonly says: RegExp;
  /** Words that answer it already. */
  readonly unless?: RegExp;
  /** Only a service that is read from answers it. */
  readonly sources?: true;
  /** Integration categories that answer it. */
  readonly answeredBy: readonly string[];
  readonly question: string;
  readonly options: readonly string[];
}

export const categories: readonly Category[] = [
  {
    id: "crm",
    says: /\bcrms?\b|\bupdate the ones we already know\b|\bcontact (?:record|database|list)s?\b|\bsales pipeline\b/i,
    answeredBy: ["crm"],
    question: "Which CRM holds the contacts?",
    options: ["hubspot", "salesforce", "pipedrive"],
  },
  {
    id: "database",
    says: /\b(?:an?|the|our|to|in|from|any) (?:\w+ )?databases?\b|\bdatabase records\b|\bsql (?:table|query)\b|\bdata ?warehouse\b/i,
    answeredBy: ["database", "table", "vector"],
    question: "Which database holds the records?",
    options: ["postgres", "supabase", "airtable"],
  },
  {
    id: "chat",
    says: /\b(?:notif(?:y|ies|ied)|alert(?:s|ed)?|ping(?:s)?|warn(?:s)?|inform(?:s)?|tell|escalate|message)\b|\b(?:chat|team|alerts?|sales|ops) channel\b|\blet (?:me|us|them|the team|sales|everyone|support) know\b/i,
    answeredBy: ["chat", "sms", "email", "monitoring", "social"],
    question: "Where should the message go?",
    options: ["slack", "email", "microsoft-teams"],
  },
  {
    id: "mailbox",
    says: /\b(?:e-?mails?|mails?) (?:that )?(?:came|come|arrive|in|from)\b|\b(?:incoming|new|unread|support|my|our) (?:\w+ )?(?:e-?mails?|mails?|mailbox|inbox)\b|\binbox\b|\bread(?:s)? (?:my |our |the )?(?:e-?)?mails?\b/i,
    answeredBy: ["email"],
    question: "Which mailbox should be read?",
    options: ["gmail", "outlook", "imap"],
  },
  {
    id: "calendar",
    says: /\bcalendars?\b|\bbook(?:s)? (?:an? )?(?:appointment|meeting|slot|demo|table)s?\b|\bschedule (?:a )?(?:meeting|call|demo)s?\b/i,
    answeredBy: ["calendar"],
    question: "Which calendar or booking system?",
    options: ["google-calendar", "cal.com", "calendly"],
  },
  {
    id: "payments",
    says: /\b(?:take|process|charge|collect)(?:s)? (?:the )?payments?\b|\brefund(?:s|ed)?\b|\bpayment (?:provider|gateway|system)\b|\binvoic(?:e|es|ing) (?:the )?customers?\b/i,
    answeredBy: ["payments", "shop", "finance"],
    question: "Which payment provider?",
    options: ["stripe", "paypal", "adyen"],
  },
  {
    id: "helpdesk",
    says: /\b(?:help ?desk|ticket(?:ing)? system|support (?:system|tool|desk)|support tickets?)\b/i,
    answeredBy: ["support", "issues", "chat"],
    question: "Which help desk holds the tickets?",
    options: ["zendesk", "intercom", "freshdesk"],
  },
  {
    id: "tracker",
    says: /\b(?:issue tracker|bug tracker|task (?:list|manager|board)|project (?:board|tool|management)|create(?:s)? (?:an? )?(?:task|ticket|issue)s?)\b/i,
    answeredBy: ["issues", "support", "code", "table"],
    question: "Which tracker gets the tasks?",
    options: ["jira", "linear", "github"],
  },
  {
    id: "repository",
    says: /\b(?:our|the|a|my) (?:repo|repository|codebase)\b|\b(?:pull|merge) requests?\b/i,
    answeredBy: ["code", "issues"],
    question: "Which code host?",
    options: ["github", "gitlab", "bitbucket"],
  },
  {
    id: "shop",
    says: /\b(?:shop|store|webshop|online shop|e-?commerce|inventory|stock (?:level|system)s?|order (?:system|source))\b(?! (?:it|the|them|in|a|each|every))|\borders?\b/i,
    answeredBy: ["shop", "payments", "database", "table", "finance"],
    question: "Where do the orders come from?",
    options: ["shopify", "woocommerce", "own API"],
  },
  {
    id: "accounting",
    says: /\b(?:accounting|bookkeeping|erp)(?: (?:system|software|tool))?\b|\binvoices?\b/i,
    answeredBy: ["finance", "payments", "crm", "email", "table", "database", "files"],
    question: "Where do the invoices live?",
    options: ["xero", "quickbooks", "stripe"],
  },
  {
    id: "storage",
    says: /\b(?:cloud storage|shared (?:folder|drive)|file storage|csv (?:files?)|big csv|uploaded files?|when a file)\b/i,
    answeredBy: ["files", "cloud", "table", "code"],
    question: "Where do the files come from?",
    options: ["google-drive", "dropbox", "upload"],
  },
  {
    id: "leads",
    says: /\b(?:inbound|incoming|new|score|qualify|classify) (?:\w+ )?leads?\b/i,
    unless:
      /\b(?:web ?-?hooks?|endpoint|api|forms?|post|sheets?|facebook|linkedin|sms|leads table)\b/i,
    answeredBy: ["crm", "table", "forms", "marketing"],
    sources: true,
    question: "Where do the leads come from?",
    options: ["a form that posts here", "hubspot", "salesforce"],
  },
  {
    id: "weather",
    says: /\b(?:weather|rain|snow|frost|freez(?:e|ing)|forecast|temperature (?:outside|tomorrow|tonight))\b/i,
    unless: /\b(?:sensor|device)s?\b/i,
    answeredBy: ["web"],
    question: "Which weather service, and for which place?",
    options: ["open-meteo", "openweathermap"],
  },
  {
    id: "market",
    says: /\b(?:stock (?:price|market)s?|shares?\b(?= (?:price|fall|rise|drop|go))|[A-Z]{3,5} (?:closes|trades|drops|rises)|exchange rates?|(?:to|into|in) (?:EUR|USD|GBP|CHF))\b/,
    answeredBy: ["web", "finance", "crypto"],
    question: "Which service gives the rates or prices?",
    options: ["frankfurter", "alpha vantage", "own API"],
  },
  {
    id: "search",
    says: /\b(?:search quer(?:y|ies)|web search|search the web|latest news|research(?:es)? (?:a|the|each) (?:company|topic|person|market|lead))\b/i,
    answeredBy: ["web", "search"],
    question: "Which search service should it use?",
    options: ["the model's own web search", "tavily", "brave"],
  },
  {
    id: "speech",
    says: /\b(?:audio for|text[- ]to[- ]speech|read (?:it|them) aloud|voice[- ]?over|narrat\w+|phone (?:agent|bot)|answer the phone|voice agent)\b/i,
    answeredBy: ["voice", "sms", "model", "speech", "media"],
    question: "Which speech or phone provider?",
    options: ["elevenlabs", "twilio", "vapi"],
  },
  {
    id: "recipients",
    says: /\b(?:list of (?:e-?mail )?addresses|(?:my|our|the) subscribers|users whose|customers whose|mailing list|trial (?:accounts|users))\b/i,
    unless: /\bscript\b|\bN days\b/i,
    answeredBy: ["crm", "database", "table", "marketing-list", "payments"],
    question: "Where does the list of people come from?",
    options: ["postgres", "google-sheets", "stripe"],
  },
  {
    id: "spreadsheet",
    says: /\b(?:an?|the|our|my) spreadsheet\b/i,
    answeredBy: ["table"],
    question: "Which spreadsheet?",
    options: ["google-sheets", "excel", "airtable"],
  },
  {
    id: "csv",
    says: /\bcsv (?:files?|rows?)\b|\bbig csvs?\b/i,
    unless: /\b(?:upload(?:ed|s)?|over http|endpoint|drive|dropbox|s3|attach\w+)\b/i,
    answeredBy: ["files", "cloud"],
    question: "Where does the CSV come from?",
    options: ["an upload", "google-drive", "s3"],
  },
  {
    id: "ci",
    says: /\b(?:ci|builds?|pipelines?) (?:fails?|breaks?|is red|passes)\b/i,
    answeredBy: ["code", "ci", "hosting"],
    question: "Which CI system reports it?",
    options: ["github", "gitlab", "circleci"],
  },
  {
    id: "knowledge",
    says: /\b(?:help ?(?:center|centre)|our products|our (?:docs|manuals?|faqs?))\b/i,
    unless: /\b(?:pdf|notion|drive|confluence|sharepoint)\b/i,
    answeredBy: ["support", "vector", "files", "docs", "knowledge", "shop"],
    question: "Where do the articles or product data lie?",
    options: ["a search API", "notion", "google-drive"],
  },
  {
    id: "existing_server",
    says: /\b(?:an )?existing mcp server\b|\bour (?:internal|own) (?:\w+ )?api\b|\bour (?:\w+ )?(?:management|inventory|legacy) system\b/i,
    unless: /https?:\/\//i,
    answeredBy: [],
    question: "What is its address?",
    options: ["give its URL"],
  },
  {
    id: "timesheet",
    says: /\btime ?sheets?\b|\b(?:working|tracked) hours\b/i,
    answeredBy: ["time", "finance", "table", "hr"],
    question: "Which tool holds the times?",
    options: ["harvest", "clockify", "toggl"],
  },
  {
    id: "balance",
    says: /\b(?:sees?|shows?|tells?|check) (?:their|the|his|her|my) (?:account )?balance\b|\border status\b|\bdownload link\b/i,
    answeredBy: ["database", "payments", "shop", "finance", "files", "cloud"],
    question: "Which system holds that data?",
    options: ["postgres", "shopify", "own API"],
  },
  {
    id: "social",
    says: /\bsocial (?:media|networks?|posts?|channels?)\b/i,
    answeredBy: ["social"],
    question: "Which social networks?",
    options: ["x", "linkedin", "instagram"],
  },
  {
    id: "api",
    says: /\b(?:an external|external|third[- ]party|three|several|multiple|two|some|partner|another|an upstream) (?:rest |http )?(?:apis?|services?|systems?|sources?)\b|\b(?:enrich(?:ed|es|ment)?)\b/i,
    answeredBy: ["web", "crm", "model", "monitoring", "finance", "marketing"],
    question: "Which API should be called?",
    options: ["give its URL"],
  },
];
