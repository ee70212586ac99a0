/** The phrases that tell what kind of thing is asked for. English; see `languages.ts`. */

/** One family of phrases; any of `is` counts unless one of `not` covers the whole text. */
export interface Cue {
  readonly is: RegExp;
  readonly not?: RegExp;
}

export function matches(cue: Cue, text: string): boolean {
  return cue.is.test(cue.not ? text.replace(new RegExp(cue.not.source, "gi"), " ") : text);
}

const person =
  "(?:a |an |the |my |our |their |some )?(?:[\\w-]+ )?(?:human|person|people|manager|lead|boss|someone|somebody|editor|team lead|admin|administrator|officer|analyst|nurse|teacher|clerk|partner|principal|chief|engineer|expert|specialist|reviewer|approver|owner|supervisor|cfo|ceo|cto|finance|legal|hr|accountant|bookkeeper|me|i|we|us|operator|agent|moderator|teammate|colleague|head of \\w+|director|doctor|lawyer)";

export const approval: Cue = {
  is: new RegExp(
    [
      "\\bapprov(?:al|als|e|es|er|ers|ing)\\b",
      "\\bapproved (?:by|before|first|in)\\b|\\b(?:once|after|when|if|until|unless|only if|gets?|is|are|been|be) (?:\\w+ ){0,3}approved\\b",
      `\\b(?:needs?|requires?|wants?) (?:the (?:ok|approval|sign-off|consent) of )?(?:a |an |the |my |our )?(?:\\w+ )?(?:human|person|manager|supervisor|boss|second pair|officer|director|lead|admin|owner|reviewer|approver)\\b`,
      `\\b(?:a|an|the|my|our|some|each) (?:\\w+ ){0,2}(?:human|person|manager|officer|analyst|lead|boss|editor|admin|supervisor|director|owner|reviewer|approver|someone|agent|doctor|lawyer|accountant|expert|specialist|team) (?:then |manually |finally )?(?:decides|approves|confirms|reviews|signs|accepts|releases|rejects|clears|vets|has the last word)\\b`,
      "\\b(?:goes?|going|sent|passed|handed|forwarded|routed|escalated) to (?:a |an |the |my |our )?(?:\\w+ )?(?:human|person|manager|boss|supervisor|reviewer|moderator)\\b(?: \\w+)? (?:first|for (?:review|approval|a decision|sign-off)|to (?:approve|decide|confirm|review))\\b",
      "\\bsign(?:s|ed)?[- ]off\\b|\\bsign(?:s|ed)? it off\\b",
      "\\b(?:my|your|her|his|their|our|someone's|manager's|a human|explicit) (?:ok|okay|go-ahead|yes|blessing|consent|confirmation|approval|decision)\\b",
      "\\bhuman[- ](?:review|in[- ]the[- ]loop|approval|check|decision|confirmation|sign-off)\\b|\\bmanual(?:ly)? (?:review|approval|approve|confirm|check|reviewed)\\b",
      `\\b${person} (?:has to|have to|must|needs? to|should|shall|can|will|to|gets to) (?:first )?(?:\\w+ )?(?:approve|confirm|ok|okay|sign|review|check|decide|agree|accept|release|validate|say yes|greenlight)\\b`,
      `\\b(?:reviewed|checked|confirmed|decided|accepted|validated|vetted|released|cleared) (?:\\w+ )?(?:by|with) ${person}\\b`,
      `\\b(?:ask|asks|asking|check with|checks with|confirm with|confirms with|wait for|waits for|waiting for|pause for|pauses for) ${person}(?: \\w+){0,5} (?:before|first|to (?:confirm|approve|decide|reply|ok)|whether)\\b`,
      `\\b(?:before|first)\\b.{0,40}\\b(?:ask|check with|confirm with) (?:me|us|the|my|our)\\b|\\b(?:ask|confirm with|check with) me (?:first|before|whether)\\b`,
      `\\buntil ${person} (?:\\w+ )?(?:has |have )?(?:confirm(?:s|ed)?|approve[sd]?|review(?:s|ed)?|agree[sd]?|decide[sd]?|looked|looks|check(?:s|ed)?|sign(?:s|ed)?)\\b`,
      `\\bafter ${person} (?:\\w+ )?(?:confirms?|approves?|agrees?|oks?|reviews?|says? (?:yes|ok)|clicks?|accepts?)\\b`,
      `\\b(?:i|we) (?:confirm|approve|ok|review|say (?:yes|ok|so)|click|agree|accept|get to (?:see|review|check)|can (?:check|review|edit))\\b`,
      `\\b(?:let|lets) ${person} (?:review|approve|confirm|decide|check|edit|choose|pick)\\b`,
      "\\b(?:go-ahead|green[- ]?light|thumbs[- ]up|two-person|four[- ]eyes|second pair of eyes|hold(?:s|ing)? (?:it |them )?for (?:review|approval|me))\\b",
      "\\b(?:approve|accept|yes) ?(?:/|or|and) ?(?:reject|deny|decline|no)\\b",
      "\\bnever (?:\\w+ ){1,6}(?:without|before|until) (?:asking|my|a human|confirmation|approval|someone|checking|me|manager)\\b",
      "\\bdrafts? (?:\\w+ ){0,4}for (?:my|our|a|human|manual) (?:review|approval|check)\\b|\\bfor (?:my|our|human|manual|your|legal|editorial) (?:review|approval)\\b",
      `\\bfor (?:review|approval) (?:by|before|first)\\b|\\bfor ${person} to (?:review|approve|confirm|check|decide)\\b`,
      `\\breview(?:ed|s)? (?:\\w+ ){0,4}before (?:it|they|we|anything|sending|publishing|posting|going|being)\\b`,
    ].join("|"),
    "i",
  ),
  not: /\b(?:no|without(?: any)?|skip(?:ping)?|needs? no|not need|instead of) (?:human |manual |manager )?(?:approval|review|sign-off)s?\b|\bauto(?:matically)?[- ]?approv\w*|\bpre-?approved\b|\b(?:code|product|customer|app|google|store) reviews?\b|\bapproval (?:status|rating|rate)\b/i,
};

export const callerAuth: Cue = {
  is: /\botps?\b|\b(?:sms|text|e-?mail|phone|verification|security|login) (?:code|pin)s?\b|\b(?:after|only|before|until|requires?|needs?|with) sign(?:ing|ed)?[- ]in\b|\bsign(?:ed|ing|s)?[- ]in (?:with|using|via|through)\b|\bvalid (?:\w+ )?(?:token|api key|key|session|credentials?|licen[cs]e key|signature)\b|\b(?:with|via|using|behind|through|needs?) (?:google |github |microsoft )?oauth\b(?! (?:token|credentials))|\bone[- ]time (?:code|password|pass ?code|pin|token|link)s?\b|\bmagic[- ]links?\b|\b(?:verif(?:y|ies|ied|ying)|confirm(?:s|ed|ing)?|check(?:s|ed|ing)?|prov(?:e|es|ing)|establish|authenticat\w+) (?:\w+ |\w+'s ){0,4}(?:identity|identities|who (?:they|he|she|the)|signature|signatures|token|jwt|hmac|caller|phone number by|email by code|their account)\b|\bauthenticat(?:e|es|ed|ing|ion)\b|\b(?:log(?:ged|s|ging)?|sign(?:ed|s|ing)?)[- ]?in (?:first|users?|customers?|members?|people|staff|employees?|before|with|via|to see|required|only)\b|\b(?:only|must be|be|are|is|after|when|who are|once) (?:logged|signed|logging|signing)[- ]?in\b|\b(?:must|have to|has to|need to|needs to|should|can) (?:log|sign)[- ]?in\b|\blogin\b|\bapi[- ]keys? (?:per|required|for (?:each|every|callers|clients|partners)|protected|in the|header|auth|check)\b|\b(?:with|by|via|needs?|requires?|behind|using|protected (?:by|with)|valid|secured (?:by|with)|check(?:s|ing)? (?:the|an?)) (?:an? |their |its )?(?:\w+ )?(?:api[- ]key|bearer token|access token|jwt|shared secret|hmac|client certificate|password|secret header)\b|\bbearer tokens?\b|\bjwts?\b|\bbasic auth\b|\bhmac\b|\b(?:signature|signatures)\b(?! page| pad| field)|\bsigned (?:webhooks?|requests?|payloads?|urls?|body)\b|\bpassword[- ]protected\b|\bonly (?:for )?(?:authori[sz]ed|authenticated|verified|registered|logged[- ]in|signed[- ]in|members|employees|staff|admins|our team|subscribers|paying customers|our partners|trusted|known)\b|\b(?:sso|2fa|mfa|two[- ]factor)\b|\bidentif(?:y|ies) (?:themselves|himself|herself|the caller|the customer|the user|callers|customers|users)\b|\bauth(?:ori[sz]ed)?[- ]?(?:protected|required|gate|gated)\b|\b(?:code|pin) (?:by|via|over|per|sent by|sent to|from) (?:sms|e-?mail|text|phone|whatsapp|their)\b|\b(?:texted|emailed|e-mailed|mailed) (?:an? )?(?:code|pin)\b|\bwho (?:they|the caller|he|she|the customer|the user) (?:are|is|really)\b|\b(?:verified|authenticated) (?:users?|customers?|callers?|members?)\b|\bverif(?:y|ies) (?:the |that )?(?:user|customer|caller|sender|guest|patient|member|employee|client|account holder|webhook|request)s?\b|\breject(?:s|ing)? (?:unsigned|unauthenticated|unauthori[sz]ed|forged)\b|\bgithub login\b|\boauth (?:login|sign)\b|\bper[- ](?:user|client|customer|tenant) (?:token|key)s?\b/i,
  not: /\b(?:without|no|public,? no) (?:login|authentication|auth|sign-in|password)\b|\b(?:docusign|document|contract|e-?mail|digital|pdf|electronic|hello) ?signatures?\b|\bsignatures? (?:on|of|for) (?:the |a )?(?:contract|document|pdf|petition)s?\b|\b(?:failed|suspicious|new|last|recent|every|each|user) (?:log-?ins?|sign-?ins?)\b|\blogin (?:attempts?|events?|alerts?|failures?)\b|\bcollect(?:s|ing)? signatures?\b/i,
};

export const bot: Cue = {
  is: /\b(?:chat ?-?bots?|bots?|chat widgets?|live chat)\b(?! (?:traffic|detection|attack|score))|\b(?:chat|talk|converse|conversation|conversational)(?:s|ing)? with\b|\bvirtual (?:assistant|concierge|agent|receptionist)\b|\b(?:ai |support |personal |voice |sales |customer |shopping |travel |helpdesk |help desk |faq |q&a |research |coding |hr |internal |booking |order )*(?:assistant|concierge|copilot|receptionist|tutor|butler|companion)\b(?!s? (?:api|manager|professor|director))|\b(?:ai|support|service|triage|sales|research|conversational|chat|voice|phone|helpdesk|customer[- ]service|booking|banking|react|tool[- ]calling|shopping|travel|onboarding) agent\b|\bagent (?:that|which|who|with|for|to)\b|\bcall ?center agent\b/i,
  not: /\b(?:to|for|let|notify|alert|by|assign(?:ed|s)? to|tell|our|human|live|support|the) (?:an? |the |our |human |live |available )*(?:support |service |sales |human |live )?agents?\b(?! that| which)|\b(?:bot|agent) (?:token|account)\b|\btools? for (?:an? |our |my |the )?(?:\w+ )?(?:agents?|assistants?|bots?)\b|\bdata assistants?\b|\bexecutive assistant\b|\bmy assistant\b/i,
};

/** Something people do at a chat platform that the build must listen to. */
export const chatSource: Cue = {
  is: /\b(?:chat|whatsapp|telegram|discord|slack|messenger|teams|line|signal|wechat|viber|twitch|mattermost)(?:'s)? (?:bot|chatbot|assistant|agent|group|dm|dms|mentions?|slash[- ]command|commands?|messages? (?:become|are|get|into|to|from|that|and)|voice (?:notes?|messages?)|conversations?|users?|concierge|receptionist|support|chat|reminder bot|ai|server that|community)\b|\b(?:ask|asks|asking|request|order|book|forward|dictate|submit|control|query|upload|snap|search|chat|talk|send me|send (?:it|in|us)|text (?:it|us|me)|write to (?:it|us)|messages? (?:me|us|it)|reply|replies|answers?(?: questions| customers?| people| users)?|commands?|photos?|receipts?|voice (?:notes?|messages?)|messages?|someone (?:writes|posts|types|mentions|asks))(?: \w+){0,4} (?:on|in|via|over|through|from|to (?:a|my|our|the)|at) (?:an? |the |our |my |#\w+ )?(?:\w+ )?(?:whatsapp|telegram|discord|slack|messenger|microsoft teams|line|signal|wechat|viber|twitch|mattermost)\b|\b(?:slash command|\/[a-z]+ in (?:slack|discord|telegram)|slack command|@mention(?:ed|s)?|when (?:it is |i am |the bot is )?(?:mentioned|pinged|dm'?ed))\b|\b(?:over|via|through|by|in|on) (?:whatsapp|telegram|discord|messenger|a chat|chat)\b,? (?:users?|customers?|people|students?|patients?|guests?|tenants?|drivers?|i|we|they) (?:can|ask|send|book|order)\b|\b(?:users?|customers?|people|students?|patients?|guests?|tenants?|i|we|they|anyone|employees?|staff) (?:can )?(?:ask|text|message|write|chat|send|dm|order|book|report)(?: \w+){0,6} (?:on|via|over|in|through|by) (?:whatsapp|telegram|discord|slack|messenger|sms|teams|line|chat)\b|^(?:an? )?(?:voice notes?|messages?|photos?|questions?|commands?) (?:in|on|to|over|via|from) (?:our |my |a |the )?(?:whatsapp|telegram|discord|slack|messenger)\b|\b(?:reply|respond|answer)(?:s|ing)? (?:to )?(?:\w+ ){0,4}(?:on|in|over|via) (?:whatsapp|telegram|discord|slack|messenger)\b|^(?:whatsapp|telegram|discord|slack)(?::| to )/i,
  not: /\b(?:post|posts|send|sends|ping|pings|share|notify|alert|publish|push|forward|report|summary|digest|notification|alerts?|message)(?: \w+){0,6} (?:to|in|into|on|via) (?:an? |the |our |my |#\w+ )?(?:\w+ )?(?:whatsapp|telegram|discord|slack|messenger|teams)(?: (?:group|channel|chat|message|dm)s?)?/i,
};

export const mcp: Cue = {
  is: /\bmcps?\b|\btools? (?:for|that|which) (?:an? |our |my |your |the |other |ai |coding |claude |all |any )*(?:agents?|claude(?: code| desktop)?|cursor|copilot|llms?|assistants?|ai|models?|chatgpt)\b|\b(?:expose|exposes|wrap|publish|offer|make available|turn|give|share)(?:s|d)? (?:\w+[ ,]+){0,10}(?:to|as|into|for) (?:an? |our |my |the |any |ai |coding |all )*(?:tools?\b|agents?\b|claude\b|cursor\b|copilot\b|llms?\b|assistants?\b|ai clients?)|\b(?:let|lets|allow|so that|so|give|gives) (?:my |our |the |an? |any |all |ai |coding |team's |other )*(?:claude(?: code| desktop)?|cursor|copilot|agents?|llms?|ai assistants?|coding assistants?|vs ?code|windsurf) (?:can |to |could |may |access|a |safely |directly )?(?:\w+ )?(?:query|call|use|search|read|access|run|look|list|create|fetch|open|work|talk|manage|browse|check|control|get|one|set)\b|\bagent tools\b|\btool server\b|\bgateway (?:for|in front)\b|\bone (?:url|gateway|place) (?:for|with) all\b/i,
};

export const endpoint: Cue = {
  is: /\b(?:get|post|put|patch|delete) \/[\w{:]|\bendpoints?\b|\b(?:rest|http|json|graphql|web|public|internal|private|small|tiny|simple|streaming|lead|agent|scoring|search|pricing|validation|conversion) (?:api|service)s?\b|^(?:\w+ ){0,4}apis?\b(?= (?:that|which|to|for|where|with|behind|over|on|around|returning|serving|answering)|[:,])|\b(?:an?|the|our|one|as an?) (?:\w+ ){0,2}api (?:that|which|to|for|where|we can|i can|our)\b|\b(?:exposed?|served?|available|reachable) over (?:http|rest)\b|\bhttp (?:request|call|post|get)s? (?:in|comes|arrives|with|triggers?)\b|\burl (?:i|we|that i|that we|people|our \w+) can (?:call|hit|open|post)\b|\b(?:stream|streams|streaming) (?:the |its |their )?(?:tokens|answer|reply|response|result)s?\b|\breturns? (?:it |them |the \w+ )?(?:as )?json\b|\bmicroservice\b|\bbackend (?:for|that)\b|\bservice (?:that|which) (?:returns|answers|accepts|takes|computes)\b|\b(?:my|our|the) (?:frontend|website|site|web ?app|app|mobile app) (?:can )?(?:calls?|posts?|asks?|hits?|requests?|sends?)\b/i,
  not: /\b(?:from|through|via|to|using|with|call(?:s|ing)?|quer(?:y|ies)|fetch(?:es)?|three|several|multiple|two|external|another|their|its|third[- ]party|poll(?:s|ing)?|hit|an?other) (?:an? |the |our |some |\w+'s )?(?:\w+ ){0,3}(?:apis?|endpoints?)\b(?! that (?:takes|accepts|returns|answers))/i,
};

export const webhook: Cue = {
  is: /\bweb ?-?hooks?\b|\b(?:over|via|by|through|authenticated|signed|an?|each|on|to an?|inbound|incoming) (?:an? )?(?:http )?post\b(?! (?:to|on|in|about|for|every|each|it|a|the|idea|office))|\bcallbacks? (?:from|when|url)\b|\b(?:http|json) (?:payloads?|events?|callbacks?)\b|\bform\b(?! (?:of|field|letter|factor))|\bforms\b|\bsubmission(?:s)?\b|\bsurvey (?:response|answer|result)s?\b|\bintake\b|\binbound (?:leads?|requests?|events?|calls?|webhooks?|orders?|messages?|tickets?|payloads?)\b|\bincoming (?:records?|leads?|requests?|events?|calls?|orders?|payloads?|data|tickets?|payments?|applications?|alerts?|transactions?|contacts?|signups?|bookings?|webhooks?|reports?)\b|\bsign(?:s)?[- ]?ups?\b(?= (?:on|via|from|comes?|event|arrives?|happens?|is|are))|\bwhen (?:someone|somebody|a user|a customer|a visitor|a lead|an? \w+) (?:fills|submits|signs up|registers|subscribes|books|pays|orders|buys|requests|applies|cancels|uploads|completes|posts to)\b/i,
  not: /\bplatform\b|\bin the form of\b|\bfill (?:in|out) (?:the|a) (?:pdf )?form\b/i,
};

/** Something happens somewhere, and the build reacts. */
export const event: Cue = {
  is: /\b(?:when|whenever|once|as soon as|after|every time|each time|upon|on)\b (?:an? |the |every |each |any |new |our |my |someone|somebody|there is |i |we |\w+ )(?:[\w'-]+ ){0,8}?(?:is|are|gets?|succeeds?|mentions?|expires?|exceeds?|arrives?|appears?|comes?|lands?|changes?|created?|added|opened|closed|merged|pushed|published|uploaded|dropped|received|paid|fails?|failed|completes?|finishes|ends?|starts?|signs|joins?|leaves|books|cancels|submits?|moves?|moved|updated?|posted?|happens?|fires?|rings|enters?|exits?|tagged|labelled|assigned|starred|liked|saved|uploads?|adds?|creates?|opens?|buys|registers|subscribes|replies)\b|\b(?:new|newly added|newly created|incoming|inbound|freshly|arriving|every|every new|each new) (?:[\w'-]+ ){0,2}(?:leads?|orders?|tickets?|issues?|bugs?|emails?|mails?|messages?|files?|rows?|records?|contacts?|customers?|subscribers?|payments?|invoices?|pull requests?|merge requests?|prs?|commits?|posts?|videos?|episodes?|signups?|sign-ups?|users?|members?|reviews?|comments?|tasks?|cards?|deals?|bookings?|appointments?|events?|submissions?|responses?|releases?|stars?|documents?|images?|photos?|pdfs?|receipts?|applications?|candidates?|resumes?|cvs?|articles?|entries|attachments?|calls?|recordings?|transcripts?|refunds?|disputes?|charges?|subscriptions?|alerts?|incidents?|errors?|pushes|deploys?|deployments?|songs?|tracks?|tweets?|likes?|bookmarks?|notes?|pages?)\b|\b(?:that|which) (?:arrive|come in|land|appear|drop in|get added|are added|are uploaded|show up)s?\b|->|→|=>|\b(?:becomes?|become|turn(?:s|ed)? into) (?:an? )?\w+/i,
};

/** Made to be run by hand, over things that are already there. */
export const batch: Cue = {
  is: /^(?:please )?(?:take|pull|process|convert|migrate|import|export|go through|loop|copy|move|sync|read|fetch|get|download|collect|scrape|crawl|generate|merge|clean|backfill|for each|split|enrich|extract|compare|build me|transform)\b/i,
};

/** A single computation: a value in, a value out. */
export const pureFunction: Cue = {
  is: /\b(?:functions?|helper|utility|lambda|snippet) (?:that|which|to|for|called|named)\b|^(?:an? )?(?:\w+ ){0,3}(?:function|calculator|validator|converter|parser|formatter|normali[sz]er|slugifier|sanitizer|generator of \w+|checker)\b|^(?:calculate|compute|validate|slugify|normali[sz]e|parse|round|convert|check (?:whether|if)|count|hash|format|sum|sort|deduplicate|mask|strip|reverse)\b/i,
};

/** "Mail me when ...": nobody calls us, so somebody has to look. */
export const tellMeWhen =
  /\b(?:alert|notify|tell|e-?mail|mail|text|ping|nag|warn|message|remind|call|buzz|inform|let)(?:s)? (?:(?:me|us|\w+ know|the \w+|my \w+|everyone)\b.{0,30})?\b(?:when|if|once|whenever|before|tonight|tomorrow)\b|\b(?:tonight|tomorrow morning|this evening|later today|next (?:week|month|monday))\b/i;

/** Things that come to pass at a service, as against things that lie there. */
export const thingsThatHappen =
  /\b(?:requests?|issues?|tickets?|orders?|payments?|charges?|submissions?|bookings?|responses?|deals?|leads?|contacts?|commits?|reviews?|events?|alerts?|errors?|releases?|tasks?|cards?|messages?|calls?|subscribers?|signups?|invitees?|incidents?|refunds?|disputes?)\b/i;
export const looksUp = /^(?:give|get|list|fetch|search|find|show|look|read|tell|connect|query)\b/i;
