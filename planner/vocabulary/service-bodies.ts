/** How the services that intents name most want to be written to: authentication and body. */

/** What a body is made from; each answers a template or a literal. */
export interface BodyAsk {
  /** The data as a text. */
  readonly text: string;
  /** A short headline, a literal. */
  readonly title: string;
  /** A field of the data as a text, empty when it is missing. */
  readonly field: (name: string) => string;
  /** The same, made safe inside a form-encoded body. */
  readonly encoded: (name: string) => string;
  /** A value that only a person knows, as a decision with a stand-in. */
  readonly decide: (id: string, question: string, standIn: string) => string;
}

export interface ServiceBody {
  /** `METHOD path`; absent: as in `serviceCalls`. */
  readonly write?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: (ask: BodyAsk) => unknown;
}

/** Where a token goes when it is not `Authorization: Bearer`; `$` stands for the secret. */
export const serviceAuth: Readonly<
  Record<string, { readonly header: string; readonly value: string; readonly purpose?: string }>
> = {
  linear: { header: "authorization", value: "$" },
  jira: {
    header: "authorization",
    value: "Basic $",
    purpose: "Base64 of `e-mail:API token` of a Jira user.",
  },
  trello: {
    header: "authorization",
    value: "OAuth $",
    purpose: 'Trello credentials as `oauth_consumer_key="<key>", oauth_token="<token>"`.',
  },
  twilio: {
    header: "authorization",
    value: "Basic $",
    purpose: "Base64 of `Account SID:auth token` of Twilio.",
  },
  zendesk: {
    header: "authorization",
    value: "Basic $",
    purpose: "Base64 of `e-mail/token:API token` of a Zendesk agent.",
  },
  freshdesk: {
    header: "authorization",
    value: "Basic $",
    purpose: "Base64 of `API key:X` of a Freshdesk agent.",
  },
  shopify: { header: "x-shopify-access-token", value: "$" },
  pipedrive: { header: "x-api-token", value: "$" },
  pagerduty: { header: "authorization", value: "Token token=$" },
  deepl: { header: "authorization", value: "DeepL-Auth-Key $" },
  gitlab: { header: "private-token", value: "$" },
  pinecone: { header: "api-key", value: "$" },
  qdrant: { header: "api-key", value: "$" },
  supabase: { header: "apikey", value: "$" },
  elevenlabs: { header: "xi-api-key", value: "$" },
};

const form = { "content-type": "application/x-www-form-urlencoded" };

export const serviceBodies: Readonly<Record<string, ServiceBody>> = {
  notion: {
    body: ({ title, text, decide }) => ({
      parent: {
        database_id: decide(
          "notion_database_id",
          "The Notion database that gets the page.",
          "database-id-of-notion",
        ),
      },
      properties: { Name: { title: [{ text: { content: title } }] } },
      children: [
        {
          object: "block",
          type: "paragraph",
          paragraph: { rich_text: [{ text: { content: text } }] },
        },
      ],
    }),
  },
  airtable: {
    body: ({ title, text }) => ({
      records: [{ fields: { Name: title, Notes: text } }],
      typecast: true,
    }),
  },
  hubspot: {
    body: ({ field }) => ({
      properties: {
        email: field("email"),
        firstname: field("name"),
        company: field("company"),
      },
    }),
  },
  "hubspot:deal": {
    write: "POST /crm/v3/objects/deals",
    body: ({ title, field }) => ({ properties: { dealname: title, amount: field("amount") } }),
  },
  "hubspot:note": {
    write: "POST /crm/v3/objects/notes",
    body: ({ text }) => ({
      properties: { hs_note_body: text, hs_timestamp: "{{ isoTime(run.started_at) }}" },
    }),
  },
  salesforce: {
    body: ({ field, text }) => ({
      LastName: field("name"),
      Company: field("company"),
      Email: field("email"),
      Description: text,
    }),
  },
  pipedrive: { body: ({ title, field }) => ({ title, value: field("amount") }) },
  "google-sheets": { body: ({ title, text }) => ({ values: [[title, text]] }) },
  "google-calendar": {
    body: ({ title, text, field }) => ({
      summary: title,
      description: text,
      start: { dateTime: field("start") },
      end: { dateTime: field("end") },
    }),
  },
  "google-docs": { body: ({ title }) => ({ title }) },
  github: { body: ({ title, text }) => ({ title, body: text }) },
  gitlab: { body: ({ title, text }) => ({ title, description: text }) },
  linear: {
    body: ({ title, text, decide }) => ({
      query:
        "mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url } } }",
      variables: {
        input: {
          teamId: decide(
            "linear_team_id",
            "The Linear team that gets the issues.",
            "team-id-of-linear",
          ),
          title,
          description: text,
        },
      },
    }),
  },
  jira: {
    body: ({ title, text, decide }) => ({
      fields: {
        project: {
          key: decide("jira_project_key", "The key of the Jira project.", "project-key-of-jira"),
        },
        issuetype: { name: "Task" },
        summary: title,
        description: {
          type: "doc",
          version: 1,
          content: [{ type: "paragraph", content: [{ type: "text", text }] }],
        },
      },
    }),
  },
  trello: {
    body: ({ title, text, decide }) => ({
      idList: decide("trello_list_id", "The Trello list that gets the cards.", "list-id-of-trello"),
      name: title,
      desc: text,
    }),
  },
  asana: {
    body: ({ title, text, decide }) => ({
      data: {
        name: title,
        notes: text,
        projects: [
          decide(
            "asana_project_id",
            "The Asana project that gets the tasks.",
            "project-id-of-asana",
          ),
        ],
      },
    }),
  },
  todoist: { body: ({ title, text }) => ({ content: title, description: text }) },
  zendesk: { body: ({ title, text }) => ({ ticket: { subject: title, comment: { body: text } } }) },
  freshdesk: {
    write: "POST /api/v2/tickets",
    body: ({ title, text, field }) => ({
      subject: title,
      description: text,
      email: field("email"),
      priority: 1,
      status: 2,
    }),
  },
  stripe: {
    headers: form,
    body: ({ encoded }) => `payment_intent=${encoded("payment_intent")}`,
  },
  mailchimp: { body: ({ field }) => ({ email_address: field("email"), status: "pending" }) },
  gmail: {
    write: "POST /upload/gmail/v1/users/me/messages/send?uploadType=media",
    headers: { "content-type": "message/rfc822" },
    body: ({ title, text, decide }) =>
      `To: ${decide("email_to", "Who gets the e-mails.", "team@example.com")}\r\nSubject: ${title}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}`,
  },
  outlook: {
    body: ({ title, text, decide }) => ({
      message: {
        subject: title,
        body: { contentType: "Text", content: text },
        toRecipients: [
          {
            emailAddress: {
              address: decide("email_to", "Who gets the e-mails.", "team@example.com"),
            },
          },
        ],
      },
    }),
  },
  sendgrid: {
    body: ({ title, text, decide }) => ({
      personalizations: [
        { to: [{ email: decide("email_to", "Who gets the e-mails.", "team@example.com") }] },
      ],
      from: {
        email: decide(
          "sendgrid_from",
          "Sender of the e-mails, verified in SendGrid.",
          "hello@example.com",
        ),
      },
      subject: title,
      content: [{ type: "text/plain", value: text }],
    }),
  },
  twilio: {
    headers: form,
    body: ({ decide, encoded }) =>
      `To=${decide("sms_to", "Number that gets the SMS.", "%2B10000000000")}&From=${decide("sms_from", "Your Twilio number.", "%2B10000000001")}&Body=${encoded("")}`,
  },
  x: { body: ({ text }) => ({ text }) },
  wordpress: { body: ({ title, text }) => ({ title, content: text, status: "draft" }) },
  supabase: { body: ({ text }) => ({ data: text }) },
};
