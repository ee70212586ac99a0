/** Who decides, in words: what a workspace knows them by, or only what they are. */

/** Roles that a review accepts as they are. */
export const roles: readonly (readonly [says: RegExp, reviewer: string])[] = [
  [/^(?:[\w-]+ )?admin(?:istrator)?s?$/i, "role:admin"],
  [/^(?:[\w-]+ )?developers?$/i, "role:developer"],
];

/** Somebody, without saying who. */
export const anybody =
  /^(?:me|myself|i|we|us|my|our|it|human|person|people|persons|someone|somebody|anyone|reviewers?|approvers?|users?|members?|owners?|colleagues?|teammates?|team|pair|everyone|everybody|operators?|agents?|moderators?|(?:second|other|different|real|another) (?:human|person|people|pair|colleague|approver|reviewer))$/i;

/** Words in front of a name or a title that belong to neither. */
export const leading =
  /^(?:(?:a|an|the|my|our|your|their|his|her|its|some|any|each|every|all|one|two|three|four|five|[2-5]|both|either|of|another|first|then|finally|also|again|only|explicit|manual|from|by|with)\s+)+/i;

/** In front of a title or a kind of person, never of a name. */
export const determiners =
  /^(?:(?:either|both|one of|first|only|by|from|then) )*(?:a|an|the|my|our|your|their|his|her|its|some|any|each|every|all|two|three|[2-5])\b/i;

/** Titles: a person of standing, who is not named. */
export const titles =
  /(?<![\w-])(?:managers?|boss|leads?|supervisors?|directors?|heads?|vps?|chiefs?|c[efto]o|cmo|cpo|ciso|dpo|officers?|controllers?|editors?|partners?|principals?|analysts?|accountants?|bookkeepers?|doctors?|nurses?|lawyers?|teachers?|clerks?|experts?|specialists?|engineers?|management|finance|legal|hr|accounting|compliance|security|support|sales|marketing|procurement|purchasing|it|ops|operations|engineering|board|department|customers?|clients?|employees?|requesters?|guests?|stakeholders?|president|dean|curator|librarian|planner|dispatcher|physician|underwriters?|buyers?|staff)(?![\w-])/i;

/** Who asks for something rather than decides about it. */
export const outsiders =
  /\b(?:customers?|clients?|guests?|employees?|requesters?|users?|visitors?|subscribers?|patients?|tenants?|callers?|senders?|applicants?|candidates?|authors?|buyers?|people|humans?|persons?|model|llm|ai|agents?|bots?)\b/i;

/** What a name is not, where it stands alone and in lower case. */
export const noName =
  /^(?:and|or|but|if|when|once|after|before|until|unless|whether|that|this|these|those|which|who|is|are|was|be|been|being|it|its|they|them|he|she|him|to|in|on|at|by|for|from|of|with|via|through|over|as|so|not|no|without|first|next|then|now|always|never|only|also|everything|anything|something|nothing|whoever|manual|manually|human|explicit|prior|final|written|needs?|requires?|wants?|gets?|has|have|had|must|should|shall|can|cannot|can't|could|may|might|will|would|do|does|did|please|yes|ok|okay|approval|approvals|approve|approved|review|reviewed|decision|confirmation|permission|consent|feedback|each|every|all|any|some|none|more|less|than|\w+(?:ed|ing|ly)|it's|send|post|add|save|pay|publish|create|update|notify|tell|write|deploy|run|start|merge|release|delete|order|orders|requests?|invoices?|expenses?|refunds?|drafts?|documents?|changes?|reports?|posts?|emails?|messages?|content|article|articles|contract|contracts|payment|payments|slack|email|e-mail|phone|sms|telegram|discord|teams|whatsapp|deal|deals|lead|leads|access|budget|time|day|days|week|hour|hours|minute|minutes)$/i;

/** How many decide, where a number says it. */
export const counts: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  "2": 2,
  "3": 3,
  "4": 4,
  "5": 5,
};
