import { readTable } from "../integration.ts";

export const code = readTable(
  "code",
  `
github | GitHub | api.github.com | push | gh issues, github actions
gitlab | GitLab | gitlab.com | push |
bitbucket | Bitbucket | api.bitbucket.org | push |
jenkins | Jenkins | - | push |
circleci | CircleCI | circleci.com | push |
vercel | Vercel | api.vercel.com | push |
netlify | Netlify | api.netlify.com | push |
heroku | Heroku | api.heroku.com | push |
render | !Render | api.render.com | push | render.com
fly | !Fly.io | api.machines.dev | push |
npm | npm | registry.npmjs.org | poll | npm registry
pypi | PyPI | pypi.org | poll |
docker-hub | Docker Hub | hub.docker.com | push | dockerhub
kubernetes | Kubernetes | - | poll | k8s
terraform | Terraform | app.terraform.io | push |
ssh | SSH | - | none |
sftp | SFTP | - | poll |
ftp | FTP | - | poll |
`,
);

export const issues = readTable(
  "issues",
  `
jira | Jira | - | push | atlassian jira
linear | !Linear | api.linear.app | push | linear issue, linear issues, linear ticket, linear tickets, linear app, in linear, to linear, linear bug, linear project
asana | Asana | app.asana.com | push |
trello | Trello | api.trello.com | push |
clickup | ClickUp | api.clickup.com | push | click up
monday | !Monday.com | api.monday.com | push | monday board, monday item, monday crm
todoist | Todoist | api.todoist.com | push |
basecamp | Basecamp | 3.basecampapi.com | push |
wrike | Wrike | www.wrike.com | push |
shortcut | !Shortcut | api.app.shortcut.com | push | shortcut story
azure-devops | Azure DevOps | dev.azure.com | push |
height | !Height | api.height.app | push | height.app
microsoft-todo | Microsoft To Do | graph.microsoft.com | poll | ms to do
google-tasks | Google Tasks | tasks.googleapis.com | poll |
things | Things 3 | - | none |
redmine | Redmine | - | poll |
`,
);

export const support = readTable(
  "support",
  `
zendesk | Zendesk | - | push |
intercom | Intercom | api.intercom.io | push |
freshdesk | Freshdesk | - | push |
helpscout | Help Scout | api.helpscout.net | push | helpscout
front | !Front | api2.frontapp.com | push | front app, frontapp
gorgias | Gorgias | - | push |
servicenow | ServiceNow | - | push | service now
drift | !Drift | driftapi.com | push | drift chat
chatwoot | Chatwoot | - | push |
plain | !Plain | core-api.uk.plain.com | push | plain.com
jira-service-management | Jira Service Management | - | push | jsm
`,
);

export const operations = readTable(
  "monitoring",
  `
pagerduty | PagerDuty | api.pagerduty.com | push | pager duty
opsgenie | Opsgenie | api.opsgenie.com | push |
sentry | !Sentry | sentry.io | push | sentry issue, sentry error, sentry alert
datadog | Datadog | api.datadoghq.com | push |
newrelic | New Relic | api.newrelic.com | push | newrelic
grafana | Grafana | - | push |
prometheus | Prometheus | - | poll | alertmanager
splunk | Splunk | - | push |
elasticsearch | Elasticsearch | - | poll | elastic search, opensearch
logtail | Better Stack | in.logs.betterstack.com | push | betterstack, better uptime
uptimerobot | UptimeRobot | api.uptimerobot.com | push | uptime robot
statuspage | Statuspage | api.statuspage.io | push |
incident.io | incident.io | api.incident.io | push |
cloudflare | Cloudflare | api.cloudflare.com | push |
virustotal | VirusTotal | www.virustotal.com | none | virus total
shodan | Shodan | api.shodan.io | none |
urlscan | urlscan.io | urlscan.io | none | urlscan
abuseipdb | AbuseIPDB | api.abuseipdb.com | none |
have-i-been-pwned | Have I Been Pwned | haveibeenpwned.com | none | hibp
crowdstrike | CrowdStrike | api.crowdstrike.com | push |
venafi | Venafi | - | none |
snyk | Snyk | api.snyk.io | push |
qualys | Qualys | - | poll |
wazuh | Wazuh | - | push |
zabbix | Zabbix | - | push |
vault | HashiCorp Vault | - | none |
1password | 1Password | - | none | onepassword
bitwarden | Bitwarden | - | none |
tailscale | Tailscale | api.tailscale.com | push |
`,
);

export const cloud = readTable(
  "cloud",
  `
aws-s3 | Amazon S3 | s3.amazonaws.com | push | aws s3, s3 bucket, s3
r2 | Cloudflare R2 | - | none | r2 bucket
gcs | Google Cloud Storage | storage.googleapis.com | push | gcs bucket
azure-blob | Azure Blob Storage | - | push | azure blob
aws-lambda | AWS Lambda | lambda.amazonaws.com | none |
sqs | Amazon SQS | sqs.amazonaws.com | poll | aws sqs, sqs
sns | Amazon SNS | sns.amazonaws.com | push | aws sns
eventbridge | EventBridge | events.amazonaws.com | push |
kafka | Kafka | - | poll | apache kafka, confluent
rabbitmq | RabbitMQ | - | poll | rabbit mq
mqtt | MQTT | - | poll |
nats | NATS | - | poll |
pubsub | Google Pub/Sub | pubsub.googleapis.com | push | pubsub
aws | AWS | amazonaws.com | poll | amazon web services
gcp | Google Cloud | googleapis.com | poll | gcp
azure | Azure | management.azure.com | poll |
digitalocean | DigitalOcean | api.digitalocean.com | none |
hetzner | Hetzner | api.hetzner.cloud | none |
cloudwatch | CloudWatch | monitoring.amazonaws.com | push |
zapier | Zapier | hooks.zapier.com | push |
make | !Make.com | hook.make.com | push |
n8n | n8n | - | push |
home-assistant | Home Assistant | - | push | homeassistant, hass
philips-hue | Philips Hue | api.meethue.com | none | hue lights
ifttt | IFTTT | maker.ifttt.com | push |
smartthings | SmartThings | api.smartthings.com | push |
nest | Google Nest | smartdevicemanagement.googleapis.com | push | nest thermostat
alexa | Alexa | - | push | amazon alexa
fitbit | Fitbit | api.fitbit.com | poll |
strava | Strava | www.strava.com | push |
garmin | Garmin | - | poll |
oura | Oura | api.ouraring.com | poll |
`,
);
