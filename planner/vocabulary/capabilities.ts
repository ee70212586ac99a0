/** What a step can be for. Node types are chosen from it and the catalogue later. */
export type Capability =
  | "fetch"
  | "file"
  | "loop"
  | "parallel"
  | "retrieve"
  | "model"
  | "agent"
  | "code"
  | "branch"
  | "switch"
  | "approval"
  | "store"
  | "act"
  | "notify"
  | "wait"
  | "respond"
  | "retry"
  | "subflow";

export interface CapabilityEntry {
  readonly capability: Capability;
  /** Phrases that say it outright. */
  readonly says: RegExp;
  /** Words for retrieval, when no phrase matched a clause. */
  readonly words: string;
}

export const capabilities: readonly CapabilityEntry[] = [
  {
    capability: "file",
    says: /\b(?:pdfs?|csvs?|xlsx?|spreadsheet files?|attachments?|files?|documents?|resumes?|cvs?|images?|photos?|pictures?|screenshots?|audio|videos? (?:file|upload|from|into|to)|recordings?|voice (?:notes?|messages?)|transcri(?:be|bes|pts?|ption)|ocr|scan(?:s|ned)?|receipts?|invoices? (?:that arrive|pdf)|zip|mp3|mp4|docx?|powerpoint|slides?|thumbnails?|qr code|barcode|upload(?:s|ed)?|backups?|back up|parse (?:the )?(?:resume|invoice|receipt|document)s?|podcasts?)\b/i,
    words:
      "file document attachment pdf csv image photo audio video transcript upload download convert ocr scan backup",
  },
  {
    capability: "loop",
    says: /\b(?:(?:for|of|to|score|check|send|post|validate|process|research|summari[sz]e|analyse|review) each|each (?:one|row|item|record|contact|customer|user|file|page|line|entry|article|section|part)|one by one|for all|all (?:the )?(?:\w+ )?(?:rows?|records?|items?|contacts?|customers?|users?|files?|emails?|pages?|orders?|products?|bases|documents|invoices)|(?:in )?batch(?:es)?|\d+ (?:rows |records |items )?at a time|(?:ten|fifty|five|twenty) at a time|line items?|list of (?!the\b)|loop|iterate|go(?:es)? through|in bulk|bulk|chunks?|in pieces|paginat\w+|stories|pile of|rows where|people who|users whose|customers who|those who|pending|per (?:row|item|customer|user|record|file)|emails? that came|remind (?:people|customers|users|everyone)|nightly export)\b/i,
    words: "each every list batch items rows iterate loop through one by one bulk pages",
  },
  {
    capability: "parallel",
    says: /\b(?:in parallel|at the same time|concurrently|simultaneously|at once|side by side|(?:three|several|multiple|both|two|four|five) (?:apis|models|sources|services|providers) (?:at|in|and)|fan[- ]?out)\b/i,
    words: "parallel concurrently simultaneously same time fan out both",
  },
  {
    capability: "retrieve",
    says: /\b(?:rag|vector(?:s| store| database| db)?|embed(?:s|ded|ding|dings)?|semantic(?:ally)? search|knowledge[- ]base|retriev(?:e|al)|our (?:docs|documents|documentation|manuals?|handbook|wiki|policies)|company (?:docs|documents|documentation|handbook|wiki|knowledge)|document store|(?:over|from|about|against|on|with|using) (?:our |my |the |your |company |internal |product )*(?:docs|documents|documentation|manuals?|handbook|wiki|faqs?|knowledge|policies|help (?:center|centre|articles)|pdfs?|notes|codebase)|index(?:es|ed)? (?:the|our|all|documents))\b/i,
    words:
      "knowledge base search documents answer from docs embeddings vector similar semantic context",
  },
  {
    capability: "agent",
    says: /\b(?:agents?\b(?! (?:endpoint|in slack|is notified))|assistant|chat ?bots?|concierge|copilot|autonomous(?:ly)?|call(?:s)? tools|tool[- ]calling|with (?:tools|memory)|negotiat\w+|multi[- ]step reasoning|decides? what to do|converse|conversational|research(?:es)? (?:the|a|each)|tutor|receptionist|planner bot)\b/i,
    words: "agent assistant tools autonomous decide converse negotiate research plan memory chat",
  },
  {
    capability: "model",
    says: /\b(?:ai|gpt[\w.-]*|llms?|chatgpt|openai|claude|gemini|mistral|deepseek|ollama|groq|perplexity|summari[sz](?:e|es|ed|ing)|summary (?:of|with)|summaries|sentiment|translat(?:e|es|ed|ion|ing)|draft(?:s|ed|ing)?|write(?:s)? (?:up|an?|the) (?:\w+ )?(?:article|post|reply|email|blog|summary|text|description|caption|tweet|letter|script|report|draft)|written up|rewrites?|rewritten|writes and|summary report|script (?:of|for)|citations?|compose|classif(?:y|ies|ied|ication)|categori[sz](?:e|es|ed|ation)|generat(?:e|es|ed|ing) (?:an? |the |some |new |matching |short |\w+ )*(?:images?|text|posts?|repl(?:y|ies)|descriptions?|ideas?|captions?|content|articles?|emails?|notes|questions|answers?|scripts?|titles?|stor(?:y|ies)|voice)|tailored|personali[sz]ed|extract(?:s|ed|ing)?|triag(?:e|es|ing)|toxic|intent of|paraphrase|proofread|key points|highlights|action items|tl;?dr|brainstorm|qualif(?:y|ies|ied) (?:\w+ )*leads?|understand|natural language|plain (?:language|english)|language model|suggest(?:s|ed|ion)?|recommend(?:s|ation)?s?|explain(?:s)?|describe(?:s)?|detect(?:s)? (?:the )?(?:language|spam|urgency|tone|topic|mood)|analy[sz](?:e|es|ed|is|ing)|faq|answers? (?:the )?questions?|sort(?:s)? (?:new |my |the |incoming )?(?:\w+ )?(?:messages|emails|mail|tickets) (?:into|by)|review(?:s)? (?:the )?(?:pull|merge|code|diff|contract)|meeting (?:notes|minutes)|study notes)\b/i,
    words:
      "ai model gpt summarise classify categorise translate draft write generate extract sentiment reply text understand analyse",
  },
  {
    capability: "wait",
    says: /\b(?:wait(?:s|ing)?|after (?:\d+|two|three|five|a few|one|an?) (?:minutes?|hours?|days?|weeks?)|(?:\d+|two|three|five|one|a) (?:minutes?|hours?|days?|weeks?) (?:later|after|before)|delay(?:s|ed)?|rate[- ]limits?|pause(?:s)? (?:for|between)|follow(?:s)?[- ]up (?:after|if|with)|throttl\w+|sleep|snooze|cool ?down|drip|no (?:reply|answer|response) (?:in|within|after|for))\b/i,
    words: "wait delay later after days pause rate limit follow up reminder",
  },
  {
    capability: "switch",
    says: /\b(?:\w+ (?:ones )?(?:goes|go|is sent|are sent|gets sent) to [^,;.]+[,;] (?:and )?\w+|rout(?:e|es|ed|ing) (?:\w+ ){0,4}(?:by|to|based|depending|them|it)|depending on|based on (?:the )?(?:type|category|priority|severity|language|region|topic|intent|status|value|amount)|by (?:type|category|priority|severity|event type|language|region|topic|department|intent|kind)|(?:each|own) (?:have|has|gets?|with) (?:its|their) own|sort(?:s|ed)? (?:\w+ ){0,5}into|right (?:team|department|channel|person|queue|folder|board)|to (?:the )?(?:different|matching|appropriate|corresponding|respective) (?:teams?|channels?|folders?|queues?|people|departments?)|move (?:them|it) to (?:\w+ )?folders|critical\b.*\bhigh\b|low\b.*\bmedium\b|\w+, \w+,? (?:or|and) (?:spam|other|other things|sold out|junk|general))\b/i,
    words: "route by type category priority department switch depending several ways",
  },
  {
    capability: "branch",
    says: /\b(?:if|unless|only (?:if|when|for|the|those|entries|ones|matching|above|below|new)|otherwise|else|whether|when (?:it|the (?:score|value|price|amount|total|rate|stock|temperature)) (?:is|goes|drops|rises|exceeds|falls)|above|below|over (?:\d|[$€£])|under (?:\d|[$€£])|more than|less than|at least|greater than|exceeds?|threshold|drops?|rises?|falls?|goes (?:up|down)|crosses|moves? \d|or more|or less|filter(?:s|ed|ing)?|skip(?:s|ped)?|ignore|except|reject(?:s|ed)?|drop the|flag(?:s|ged)?|matching|duplicates?|qualif\w+|hot leads?|high[- ](?:value|priority|intent|score)|urgent|low[- ]confidence|cannot decide|branch|good ones|bad ones|(?<!who are )valid(?! token)|invalid|missing|not submitted|overdue|critical|negative|unsure|bad (?:ratings|reviews))\b/i,
    words: "if unless only condition threshold above below filter otherwise skip duplicates urgent",
  },
  {
    capability: "code",
    says: /\b(?:scor(?:e|es|ed|ing)|calculat(?:e|es|ed|or|ion|ing)|comput(?:e|es|ed)|validat(?:e|es|ed|or|ion)|format(?:s|ted|ting)?|transform(?:s|ed)?|normali[sz](?:e|es|ed)|convert(?:s|ed|er)?|aggregat(?:e|es|ed|ion)|merge(?:s|d)?|dedup\w*|duplicates?|count(?:s|ed|ing)?|sum(?:s)?\b|total(?:s)?|average|map(?:s|ped)? (?:the )?fields?|slugif(?:y|ies)|uppercase[sd]?|lowercase|regex|parse(?:s|d)? (?:the )?(?:csv|json|xml|html|rows|payload|date|number|address)|check(?:s|ed)? (?:that|whether|if)|vat|tax|discount|percentage|round(?:s|ed)?|sort(?:s|ed)? by|rank(?:s|ed)?|split(?:s)? (?:the|them|it)|hash|encrypt|clean(?:s|ed)? (?:up)?|enrich(?:ed)?|compare[sd]?|diff|generate(?:s)? (?:a )?(?:csv|report|invoice number|id|html|chart)|renders?|report of|statistics|metrics|never twice|log how many|iban|distance|currency|exchange rate)\b/i,
    words:
      "score calculate compute validate format transform convert aggregate merge dedupe count total sort code function",
  },
  {
    capability: "store",
    says: /\b(?:database|db\b|sql|tables?\b|postgres\w*|supabase|mysql|mongo\w*|redis|d1|persist(?:s|ed)?|store(?:s|d)?\b(?! (?:page|owner))|sav(?:e|es|ed)\b(?: it| them| the)?|remember(?:s)?|keep(?:s)? (?:track|the profile|state|seen|a (?:log|record|history))|track(?:s)? which|state|records?|inventory|status on|insert(?:s)?|upsert(?:s)?|already (?:seen|know)|history|memory|log(?:s|ged)? (?:it|them|every|each|the|as)|already in|users? table|seen (?:links|ids))\b/i,
    words: "database table store save record insert query persist state remember",
  },
  {
    capability: "notify",
    says: /\b(?:notif(?:y|ies|ied|ication|ications)|alert(?:s|ed|ing)?|ping(?:s)?|tell(?:s)? (?:me|us|the|them|sales|support)|inform(?:s)?|messages? (?:me|us|the|to)|let (?:me|us|them|the team|everyone) know|remind(?:s|er|ers)?|send(?:s)?(?: \w+){0,5} (?:e-?mails?|mail|message|sms|text|dm|summary|digest|report|confirmation|notification|reminder|reply)|(?:confirmation|welcome|reminder|thank[- ]you|follow-up|personali[sz]ed) (?:e-?mails?|message|sms)|e-?mails? (?:me|us|them|it|the|a|him|her|to)|mails? (?:me|us|it)|text(?:s)? (?:me|us|them)|post(?:s|ed|ing)? (?:\w+ ){0,6}(?:to|in|into|on) (?:an? |the |our )?(?:#\w+|slack|discord|teams|telegram|channel|mattermost|google chat)|give me (?:one|a)|into my (?:\w+ )?inbox|send the reply|escalat(?:e|es)|warn(?:s)?|announce(?:s)?|to (?:slack|discord|telegram|teams|whatsapp)|hears? why|in slack|on telegram|page(?:s)? (?:the )?on-?call|confirm to|digest|brief(?:ing)?)\b/i,
    words: "notify alert tell message ping remind inform send email announce warn",
  },
  {
    capability: "respond",
    says: /\b(?:respond(?:s)?|answer(?:s|ed|ing)?|repl(?:y|ies)|return(?:s|ed|ing)?|renders?|back to the (?:caller|user|sender|customer)|status code|http (?:200|400|401|404|429)|show(?:s)? the|result page|streams? (?:the|tokens|back)|gives? back|rejects? (?:with|incomplete|invalid|unsigned)|endpoint|api that|redirect(?:s)?|download link|chat ?bot|\bbot\b|get \/|post \/)\b/i,
    words: "respond answer reply return result json response",
  },
  {
    capability: "retry",
    says: /\b(?:retr(?:y|ies|ied)|back-?off|dead[- ]letter|try again|exponential|idempoten\w+|if it fails try)\b/i,
    words: "retry again backoff dead letter",
  },
  {
    capability: "subflow",
    says: /\b(?:sub-?workflow|sub-?flow|child workflow|another workflow|reusable (?:step|workflow|flow)|hand(?:s)? (?:over|off) to|calls? the \w+ workflow)\b/i,
    words: "sub workflow child another workflow delegate",
  },
];
