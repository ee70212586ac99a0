/** How a service is read and written over HTTP: `METHOD path`, with `<placeholders>` a person fills. */
export interface ServiceCalls {
  readonly read?: string;
  readonly write?: string;
  /** Beyond `Authorization: Bearer`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The calls people usually mean; a service without an entry gets its API root and a warning. */
export const serviceCalls: Readonly<Record<string, ServiceCalls>> = {
  "google-sheets": {
    read: "GET /v4/spreadsheets/<spreadsheet-id>/values/A:Z",
    write: "POST /v4/spreadsheets/<spreadsheet-id>/values/A1:append?valueInputOption=USER_ENTERED",
  },
  gmail: {
    read: "GET /gmail/v1/users/me/messages?q=is:unread",
    write: "POST /gmail/v1/users/me/drafts",
  },
  outlook: {
    read: "GET /v1.0/me/messages?$filter=isRead eq false",
    write: "POST /v1.0/me/sendMail",
  },
  "google-drive": {
    read: "GET /drive/v3/files?q='<folder-id>' in parents",
    write: "POST /drive/v3/files",
  },
  "google-calendar": {
    read: "GET /calendar/v3/calendars/primary/events",
    write: "POST /calendar/v3/calendars/primary/events",
  },
  "google-docs": { read: "GET /v1/documents/<document-id>", write: "POST /v1/documents" },
  airtable: { read: "GET /v0/<base-id>/<table>", write: "POST /v0/<base-id>/<table>" },
  notion: {
    read: "POST /v1/databases/<database-id>/query",
    write: "POST /v1/pages",
    headers: { "notion-version": "2022-06-28" },
  },
  hubspot: { read: "GET /crm/v3/objects/contacts", write: "POST /crm/v3/objects/contacts" },
  pipedrive: { read: "GET /v1/deals", write: "POST /v1/deals" },
  attio: {
    read: "POST /v2/objects/people/records/query",
    write: "POST /v2/objects/people/records",
  },
  github: {
    read: "GET /repos/<owner>/<repo>/issues",
    write: "POST /repos/<owner>/<repo>/issues",
    headers: { accept: "application/vnd.github+json", "user-agent": "aerostack" },
  },
  gitlab: {
    read: "GET /api/v4/projects/<project-id>/issues",
    write: "POST /api/v4/projects/<project-id>/issues",
  },
  linear: { read: "POST /graphql", write: "POST /graphql" },
  asana: { read: "GET /api/1.0/tasks?project=<project-id>", write: "POST /api/1.0/tasks" },
  trello: { read: "GET /1/lists/<list-id>/cards", write: "POST /1/cards" },
  clickup: { read: "GET /api/v2/list/<list-id>/task", write: "POST /api/v2/list/<list-id>/task" },
  todoist: { read: "GET /rest/v2/tasks", write: "POST /rest/v2/tasks" },
  stripe: { read: "GET /v1/charges", write: "POST /v1/refunds" },
  twilio: { write: "POST /2010-04-01/Accounts/<account-sid>/Messages.json" },
  sendgrid: { write: "POST /v3/mail/send" },
  mailchimp: { write: "POST /3.0/lists/<list-id>/members" },
  intercom: { read: "GET /conversations", write: "POST /conversations" },
  x: { read: "GET /2/tweets/search/recent?query=<query>", write: "POST /2/tweets" },
  linkedin: { write: "POST /rest/posts" },
  youtube: { read: "GET /youtube/v3/search?channelId=<channel-id>&order=date" },
  reddit: { read: "GET /r/<subreddit>/new", write: "POST /api/submit" },
  spotify: { read: "GET /v1/me/tracks", write: "POST /v1/playlists/<playlist-id>/tracks" },
  hackernews: { read: "GET /v0/topstories.json" },
  coinpaprika: { read: "GET /v1/tickers/btc-bitcoin" },
  coingecko: {
    read: "GET /api/v3/simple/price?ids=bitcoin&vs_currencies=usd&include_24hr_change=true",
  },
  newsapi: { read: "GET /v2/top-headlines?country=us" },
  openweathermap: { read: "GET /data/2.5/forecast?q=<city>" },
  "open-meteo": {
    read: "GET /v1/forecast?latitude=<latitude>&longitude=<longitude>&daily=temperature_2m_max,precipitation_sum",
  },
  nasa: { read: "GET /planetary/apod" },
  arxiv: { read: "GET /api/query?search_query=<query>&sortBy=submittedDate" },
  pagerduty: { read: "GET /incidents", write: "POST /incidents" },
  sentry: { read: "GET /api/0/projects/<organisation>/<project>/issues/" },
  pinecone: { read: "POST /query", write: "POST /vectors/upsert" },
  "cal.com": { read: "GET /v2/bookings", write: "POST /v2/bookings" },
  calendly: { read: "GET /scheduled_events" },
  typeform: { read: "GET /forms/<form-id>/responses" },
  virustotal: { read: 'GET /api/v3/domains/{{ default(input.domain, "example.com") }}' },
  supabase: { read: "GET /rest/v1/<table>", write: "POST /rest/v1/<table>" },
  qdrant: {
    read: "POST /collections/<collection>/points/query",
    write: "PUT /collections/<collection>/points",
  },
  wordpress: { read: "GET /wp-json/wp/v2/posts", write: "POST /wp-json/wp/v2/posts" },
  shopify: {
    read: "GET /admin/api/2026-01/orders.json",
    write: "POST /admin/api/2026-01/orders.json",
  },
  jira: { read: "GET /rest/api/3/search/jql", write: "POST /rest/api/3/issue" },
  zendesk: { read: "GET /api/v2/tickets", write: "POST /api/v2/tickets" },
  salesforce: {
    read: "GET /services/data/v62.0/query",
    write: "POST /services/data/v62.0/sobjects/Lead",
  },
};
