import { readTable } from "../integration.ts";

export const crm = readTable(
  "crm",
  `
hubspot | HubSpot | api.hubapi.com | push | hub spot
salesforce | Salesforce | login.salesforce.com | push | sfdc
pipedrive | Pipedrive | api.pipedrive.com | push |
zoho-crm | Zoho CRM | www.zohoapis.com | push | zoho
attio | Attio | api.attio.com | push |
close | !Close | api.close.com | push | close.com, close crm
copper | !Copper | api.copper.com | push | copper crm
dynamics | Microsoft Dynamics | - | poll | dynamics 365, dynamics crm
freshsales | Freshsales | - | push |
insightly | Insightly | api.insightly.com | poll |
gohighlevel | GoHighLevel | services.leadconnectorhq.com | push | go high level, highlevel, ghl
apollo | !Apollo | api.apollo.io | none | apollo.io
clearbit | Clearbit | company.clearbit.com | none |
clay | !Clay | api.clay.com | push | clay.com, clay table
hunter | !Hunter | api.hunter.io | none | hunter.io
zoominfo | ZoomInfo | api.zoominfo.com | none |
lemlist | lemlist | api.lemlist.com | push |
instantly | !Instantly | api.instantly.ai | push | instantly.ai
phantombuster | PhantomBuster | api.phantombuster.com | push |
outreach | !Outreach | api.outreach.io | push | outreach.io
salesloft | Salesloft | api.salesloft.com | push |
affinity | !Affinity | api.affinity.co | push | affinity crm
folk | !Folk | api.folk.app | push | folk crm
odoo | Odoo | - | poll |
sap | SAP | - | poll | s/4hana
netsuite | NetSuite | - | poll | oracle netsuite
erpnext | ERPNext | - | push | frappe
`,
);

export const marketing = readTable(
  "marketing",
  `
mailchimp | Mailchimp | api.mailchimp.com | push |
activecampaign | ActiveCampaign | - | push | active campaign
convertkit | ConvertKit | api.convertkit.com | push |
klaviyo | Klaviyo | a.klaviyo.com | push |
customer.io | Customer.io | api.customer.io | push | customerio
beehiiv | beehiiv | api.beehiiv.com | push |
substack | Substack | - | poll |
segment | !Segment | api.segment.io | push | segment.com, twilio segment
mixpanel | Mixpanel | api.mixpanel.com | none |
amplitude | Amplitude | api2.amplitude.com | none |
posthog | PostHog | app.posthog.com | push |
google-analytics | Google Analytics | analyticsdata.googleapis.com | poll | ga4
google-ads | Google Ads | googleads.googleapis.com | poll | adwords
facebook-ads | Facebook Ads | graph.facebook.com | push | meta ads, facebook lead ads, facebook leads
google-search-console | Google Search Console | searchconsole.googleapis.com | poll | search console, gsc
semrush | Semrush | api.semrush.com | none |
ahrefs | Ahrefs | api.ahrefs.com | none |
dataforseo | DataForSEO | api.dataforseo.com | none |
typeform | Typeform | api.typeform.com | push |
tally | !Tally | api.tally.so | push | tally form, tally forms, tally.so
google-forms | Google Forms | forms.googleapis.com | poll | google form
jotform | Jotform | api.jotform.com | push |
surveymonkey | SurveyMonkey | api.surveymonkey.com | push | survey monkey
microsoft-forms | Microsoft Forms | - | push | ms forms
webflow | Webflow | api.webflow.com | push |
trustpilot | Trustpilot | api.trustpilot.com | push |
google-business | Google Business Profile | mybusiness.googleapis.com | poll | google business, google my business, google reviews
yelp | Yelp | api.yelp.com | poll |
`,
);

export const commerce = readTable(
  "payments",
  `
stripe | Stripe | api.stripe.com | push |
paypal | PayPal | api-m.paypal.com | push |
square | !Square | connect.squareup.com | push | squareup, square pos
paddle | Paddle | api.paddle.com | push |
lemonsqueezy | Lemon Squeezy | api.lemonsqueezy.com | push | lemonsqueezy
chargebee | Chargebee | - | push |
recurly | Recurly | v3.recurly.com | push |
razorpay | Razorpay | api.razorpay.com | push |
adyen | Adyen | checkout.adyen.com | push |
mollie | Mollie | api.mollie.com | push |
klarna | Klarna | api.klarna.com | push |
gumroad | Gumroad | api.gumroad.com | push |
wise | !Wise | api.wise.com | push | wise account, transferwise
plaid | Plaid | production.plaid.com | push |
gocardless | GoCardless | api.gocardless.com | push |
braintree | Braintree | api.braintreegateway.com | push |
`,
);

export const shops = readTable(
  "shop",
  `
shopify | Shopify | - | push |
woocommerce | WooCommerce | - | push | woo commerce
magento | Magento | - | push | adobe commerce
bigcommerce | BigCommerce | api.bigcommerce.com | push |
etsy | Etsy | openapi.etsy.com | poll |
amazon | !Amazon | sellingpartnerapi.amazon.com | poll | amazon seller, amazon product, amazon listing, on amazon
ebay | eBay | api.ebay.com | poll |
prestashop | PrestaShop | - | push |
shipstation | ShipStation | ssapi.shipstation.com | push |
shippo | Shippo | api.goshippo.com | push |
easypost | EasyPost | api.easypost.com | push |
dhl | DHL | api-eu.dhl.com | push |
fedex | FedEx | apis.fedex.com | push |
ups | !UPS | onlinetools.ups.com | push | ups tracking
`,
);

export const finance = readTable(
  "finance",
  `
quickbooks | QuickBooks | quickbooks.api.intuit.com | push | quick books, qbo
xero | Xero | api.xero.com | push |
freshbooks | FreshBooks | api.freshbooks.com | push |
zoho-books | Zoho Books | www.zohoapis.com | push |
datev | DATEV | - | none |
lexoffice | lexoffice | api.lexoffice.io | push | lexware office
sevdesk | sevDesk | my.sevdesk.de | poll |
brex | Brex | platform.brexapis.com | push |
ramp | !Ramp | api.ramp.com | push | ramp.com, ramp card
expensify | Expensify | integrations.expensify.com | none |
coinpaprika | Coinpaprika | api.coinpaprika.com | none |
coingecko | CoinGecko | api.coingecko.com | none |
coinmarketcap | CoinMarketCap | pro-api.coinmarketcap.com | none |
binance | Binance | api.binance.com | none |
coinbase | Coinbase | api.coinbase.com | push |
kraken | Kraken | api.kraken.com | none |
alpha-vantage | Alpha Vantage | www.alphavantage.co | none | alphavantage
yahoo-finance | Yahoo Finance | query1.finance.yahoo.com | none |
finnhub | Finnhub | finnhub.io | none |
polygon | Polygon.io | api.polygon.io | none |
docusign | DocuSign | www.docusign.net | push |
pandadoc | PandaDoc | api.pandadoc.com | push |
hellosign | HelloSign | api.hellosign.com | push | dropbox sign
frankfurter | Frankfurter | api.frankfurter.dev | none |
`,
);

export const people = readTable(
  "hr",
  `
bamboohr | BambooHR | api.bamboohr.com | push |
workday | Workday | - | poll |
personio | Personio | api.personio.de | push |
greenhouse | !Greenhouse | harvest.greenhouse.io | push | greenhouse ats
lever | !Lever | api.lever.co | push | lever ats
ashby | Ashby | api.ashbyhq.com | push |
workable | Workable | - | push |
gusto | Gusto | api.gusto.com | push |
deel | Deel | api.letsdeel.com | push |
rippling | Rippling | api.rippling.com | push |
linkedin | LinkedIn | api.linkedin.com | none | linked in
indeed | !Indeed | apis.indeed.com | poll | indeed.com, on indeed
onfido | Onfido | api.eu.onfido.com | push |
okta | Okta | - | push |
auth0 | Auth0 | - | push |
`,
);
