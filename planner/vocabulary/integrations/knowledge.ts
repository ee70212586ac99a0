import { readTable } from "../integration.ts";

export const databases = readTable(
  "database",
  `
postgres | PostgreSQL | - | poll | postgres, psql
mysql | MySQL | - | poll | mariadb
mssql | SQL Server | - | poll | mssql
sqlite | SQLite | - | none |
mongodb | MongoDB | - | poll | mongo
redis | Redis | - | none | upstash
supabase | Supabase | - | push |
firebase | Firebase | firestore.googleapis.com | push | firestore
dynamodb | DynamoDB | dynamodb.amazonaws.com | poll | dynamo db
bigquery | BigQuery | bigquery.googleapis.com | poll | big query
snowflake | !Snowflake | - | poll | snowflake warehouse, snowflake table
databricks | Databricks | - | poll |
clickhouse | ClickHouse | - | poll |
redshift | Redshift | - | poll |
neon | !Neon | console.neon.tech | poll | neon postgres, neon database
planetscale | PlanetScale | api.planetscale.com | poll |
turso | Turso | api.turso.tech | poll |
d1 | Cloudflare D1 | api.cloudflare.com | none |
cockroachdb | CockroachDB | - | poll |
neo4j | Neo4j | - | none |
duckdb | DuckDB | - | none |
`,
);

export const tables = readTable(
  "table",
  `
google-sheets | Google Sheets | sheets.googleapis.com | poll | google sheet, gsheet, gsheets, google spreadsheet, google spreadsheets, sheets, sheet, google-sheet
excel | Excel | graph.microsoft.com | poll | microsoft excel, excel online, xlsx
airtable | Airtable | api.airtable.com | poll |
notion | !Notion | api.notion.com | poll | notion page, notion pages, notion database, notion db, in notion, to notion, from notion, our notion, a notion, notion workspace, my notion, notion task, notion tasks, notion knowledge base
coda | !Coda | coda.io | poll | coda doc, coda table
baserow | Baserow | api.baserow.io | push |
nocodb | NocoDB | - | push |
smartsheet | Smartsheet | api.smartsheet.com | push |
seatable | SeaTable | - | push |
grist | Grist | docs.getgrist.com | push |
`,
);

export const vectors = readTable(
  "vector",
  `
pinecone | Pinecone | api.pinecone.io | none |
qdrant | Qdrant | - | none |
weaviate | Weaviate | - | none |
chroma | !Chroma | - | none | chromadb, chroma db
milvus | Milvus | - | none | zilliz
pgvector | pgvector | - | none |
vectorize | Vectorize | api.cloudflare.com | none | cloudflare vectorize
algolia | Algolia | - | none |
meilisearch | Meilisearch | - | none |
typesense | Typesense | - | none |
lancedb | LanceDB | - | none |
`,
);

export const documents = readTable(
  "files",
  `
google-drive | Google Drive | www.googleapis.com | poll | gdrive, drive folder, g drive
dropbox | Dropbox | api.dropboxapi.com | push |
onedrive | OneDrive | graph.microsoft.com | poll | one drive
sharepoint | SharePoint | graph.microsoft.com | poll | share point
box | !Box | api.box.com | push | box.com, box folder
nextcloud | Nextcloud | - | poll |
google-docs | Google Docs | docs.googleapis.com | poll | google doc, gdoc, gdocs
google-slides | Google Slides | slides.googleapis.com | none | google slide
google-photos | Google Photos | photoslibrary.googleapis.com | poll |
icloud | iCloud | - | poll | icloud drive
confluence | Confluence | - | push |
obsidian | Obsidian | - | none |
evernote | Evernote | api.evernote.com | poll |
onenote | OneNote | graph.microsoft.com | poll |
roam | Roam Research | - | none |
readwise | Readwise | readwise.io | poll |
raindrop | Raindrop | api.raindrop.io | poll | raindrop.io
pocket | !Pocket | getpocket.com | poll | pocket app, getpocket
instapaper | Instapaper | www.instapaper.com | poll |
zotero | Zotero | api.zotero.org | poll |
paperless | Paperless-ngx | - | push | paperless
figma | Figma | api.figma.com | push |
miro | !Miro | api.miro.com | push | miro board
canva | Canva | api.canva.com | none |
bannerbear | Bannerbear | api.bannerbear.com | none |
gitbook | GitBook | api.gitbook.com | push |
guru | !Guru | api.getguru.com | poll | guru card, getguru
slab | !Slab | api.slab.com | poll |
`,
);

export const models = readTable(
  "model",
  `
openai | OpenAI | api.openai.com | none | gpt, chatgpt, gpt-3, gpt-4, gpt-4o, gpt-5, gpt-4.1, gpt4, gpt5, gpt-image, dall-e, dalle, dall·e, whisper, o3-mini, sora, openai assistant
anthropic | Anthropic | api.anthropic.com | none | claude
gemini | Gemini | generativelanguage.googleapis.com | none | google gemini, google ai studio, vertex ai, nano banana
mistral | Mistral | api.mistral.ai | none | mistral ai
groq | Groq | api.groq.com | none |
deepseek | DeepSeek | api.deepseek.com | none | deep seek
ollama | Ollama | - | none |
openrouter | OpenRouter | openrouter.ai | none | open router
perplexity | Perplexity | api.perplexity.ai | none | sonar api
cohere | Cohere | api.cohere.com | none |
grok | Grok | api.x.ai | none | xai
huggingface | Hugging Face | api-inference.huggingface.co | none | huggingface
workers-ai | Workers AI | api.cloudflare.com | none | cloudflare ai
llama | Llama | - | none | llama 3, llama3
qwen | Qwen | dashscope.aliyuncs.com | none |
azure-openai | Azure OpenAI | - | none |
bedrock | Amazon Bedrock | bedrock-runtime.amazonaws.com | none | aws bedrock, bedrock
replicate | !Replicate | api.replicate.com | push | replicate.com, on replicate, via replicate
fal | fal.ai | fal.run | push |
stability | Stability AI | api.stability.ai | none | stable diffusion, sdxl
midjourney | Midjourney | - | none |
flux | !Flux | api.bfl.ai | none | flux model
elevenlabs | ElevenLabs | api.elevenlabs.io | none | eleven labs
deepgram | Deepgram | api.deepgram.com | push |
assemblyai | AssemblyAI | api.assemblyai.com | push | assembly ai
heygen | HeyGen | api.heygen.com | push |
runway | !Runway | api.runwayml.com | none | runwayml, runway ml
llamaparse | LlamaParse | api.cloud.llamaindex.ai | push | llama parse, llamaindex
deepl | DeepL | api-free.deepl.com | none |
google-translate | Google Translate | translation.googleapis.com | none | google translation
google-vision | Google Vision | vision.googleapis.com | none | cloud vision
textract | Textract | textract.amazonaws.com | none | amazon textract
langsmith | LangSmith | api.smith.langchain.com | none |
langfuse | Langfuse | cloud.langfuse.com | none |
mindee | Mindee | api.mindee.net | none |
cradl | Cradl AI | api.cradl.ai | push | cradl
voyage | Voyage AI | api.voyageai.com | none |
jina | Jina | r.jina.ai | none | jina ai
mem0 | Mem0 | api.mem0.ai | none |
zep | Zep | api.getzep.com | none |
`,
);
