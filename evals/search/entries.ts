/** Entries that agents would publish, each with ways in which another agent would ask for it. */
export const entries: readonly { name: string; description: string; queries: readonly string[] }[] =
  [
    {
      name: "slugify",
      description: "Turns a title into a URL slug.",
      queries: ["make a title safe for a url", "url slug", "permalink from headline"],
    },
    {
      name: "lead_scorer",
      description: "Scores an inbound sales lead from 0 to 100 and explains each factor.",
      queries: [
        "score inbound leads",
        "rate how promising a sales prospect is",
        "lead qualification",
      ],
    },
    {
      name: "vat_calculator",
      description: "Adds or removes value added tax for a country.",
      queries: ["compute VAT on an invoice", "value added tax for germany", "net to gross price"],
    },
    {
      name: "ticket_router",
      description: "Classifies a support ticket by topic and urgency.",
      queries: [
        "classify support tickets",
        "route customer requests to the right team",
        "urgency of a ticket",
      ],
    },
    {
      name: "email_validator",
      description: "Checks that an e-mail address is well formed and not disposable.",
      queries: ["is this email address valid", "detect disposable email", "validate e-mail"],
    },
    {
      name: "iban_check",
      description: "Validates an IBAN bank account number by its check digits.",
      queries: ["validate iban", "check a bank account number", "bank transfer account validation"],
    },
    {
      name: "card_luhn",
      description: "Checks a payment card number with the Luhn algorithm.",
      queries: ["luhn check", "is a credit card number valid", "payment card validation"],
    },
    {
      name: "csv_to_json",
      description: "Parses CSV text into a list of records.",
      queries: ["parse csv", "turn a csv file into json", "read comma separated values"],
    },
    {
      name: "html_to_text",
      description: "Strips the markup of an HTML page and keeps its text.",
      queries: ["strip html tags", "plain text of a web page", "html to text"],
    },
    {
      name: "markdown_toc",
      description: "Builds a table of contents from Markdown headings.",
      queries: ["table of contents for markdown", "list headings of a document", "toc generator"],
    },
    {
      name: "sentiment_rules",
      description: "Rates the sentiment of a review as positive, neutral or negative.",
      queries: ["sentiment of a review", "is this feedback positive or negative", "customer mood"],
    },
    {
      name: "language_guess",
      description: "Guesses the natural language of a text.",
      queries: ["detect language", "which language is this text", "language identification"],
    },
    {
      name: "pii_redactor",
      description: "Replaces personal data such as phone numbers and addresses in a text.",
      queries: ["redact personal data", "mask phone numbers in text", "remove PII"],
    },
    {
      name: "distance_km",
      description: "Great-circle distance between two coordinates in kilometres.",
      queries: ["distance between two coordinates", "how far apart are two places", "haversine"],
    },
    {
      name: "business_days",
      description: "Counts working days between two dates, without weekends and holidays.",
      queries: ["count working days between dates", "business days", "days without weekends"],
    },
    {
      name: "cron_explainer",
      description: "Explains a cron expression in words.",
      queries: ["explain a cron expression", "what does this schedule mean", "cron in plain words"],
    },
    {
      name: "currency_format",
      description: "Formats an amount of money for a locale.",
      queries: [
        "format money for a locale",
        "show price with currency symbol",
        "currency formatting",
      ],
    },
    {
      name: "invoice_number",
      description: "Makes the next invoice number of a series.",
      queries: ["next invoice number", "number invoices in sequence", "invoice numbering"],
    },
    {
      name: "duplicate_finder",
      description: "Finds duplicate records by fuzzy comparison of names and addresses.",
      queries: ["find duplicate records", "fuzzy match of customer names", "dedupe contacts"],
    },
    {
      name: "password_strength",
      description: "Estimates how strong a password is and says why.",
      queries: ["how strong is a password", "password quality check", "password strength meter"],
    },
    {
      name: "utm_builder",
      description: "Adds UTM campaign parameters to a link.",
      queries: ["add utm parameters to a link", "campaign tracking url", "utm builder"],
    },
    {
      name: "shipping_cost",
      description: "Computes shipping cost from weight, size and destination.",
      queries: ["shipping cost from weight", "postage for a parcel", "delivery price"],
    },
    {
      name: "churn_risk",
      description: "Estimates the risk that a customer cancels a subscription.",
      queries: ["predict customer churn", "risk that a subscriber cancels", "churn score"],
    },
    {
      name: "json_diff",
      description: "Lists the differences between two JSON documents.",
      queries: ["compare two json documents", "diff of json", "what changed between two objects"],
    },
  ];
