import { readTable } from "../integration.ts";

export const social = readTable(
  "social",
  `
x | !X | api.x.com | poll | twitter, tweet, tweets, x.com, x post, x posts, on x, to x
instagram | Instagram | graph.facebook.com | push | insta
facebook | Facebook | graph.facebook.com | push | facebook page, facebook pages, fb page
tiktok | TikTok | open.tiktokapis.com | poll |
youtube | YouTube | www.googleapis.com | poll | yt channel
reddit | Reddit | oauth.reddit.com | poll | subreddit
pinterest | Pinterest | api.pinterest.com | none |
threads | !Threads | graph.threads.net | poll | meta threads
bluesky | Bluesky | bsky.social | poll |
mastodon | Mastodon | mastodon.social | poll |
medium | !Medium | api.medium.com | none | medium.com, medium article, on medium
hackernews | Hacker News | hacker-news.firebaseio.com | poll | hackernews, hn
producthunt | Product Hunt | api.producthunt.com | poll | producthunt
vimeo | Vimeo | api.vimeo.com | push |
flickr | Flickr | api.flickr.com | poll |
tumblr | Tumblr | api.tumblr.com | poll |
snapchat | Snapchat | adsapi.snapchat.com | none |
buffer | !Buffer | api.bufferapp.com | none | buffer.com, buffer queue
hootsuite | Hootsuite | platform.hootsuite.com | none |
dev.to | dev.to | dev.to | none |
blogger | Blogger | www.googleapis.com | none |
spotify | Spotify | api.spotify.com | poll |
soundcloud | SoundCloud | api.soundcloud.com | poll |
lastfm | Last.fm | ws.audioscrobbler.com | poll | lastfm
stackoverflow | Stack Overflow | api.stackexchange.com | poll | stackoverflow
`,
);

export const sites = readTable(
  "cms",
  `
wordpress | WordPress | - | push | word press
ghost | !Ghost | - | push | ghost blog, ghost cms, ghost.org
contentful | Contentful | api.contentful.com | push |
sanity | !Sanity | api.sanity.io | push | sanity.io, sanity cms
strapi | Strapi | - | push |
squarespace | Squarespace | api.squarespace.com | push |
wix | Wix | www.wixapis.com | push |
drupal | Drupal | - | push |
framer | !Framer | - | push | framer site
bubble | !Bubble.io | - | push |
`,
);

export const research = readTable(
  "web",
  `
rss | RSS | - | poll | rss feed, rss feeds, atom feed
newsapi | NewsAPI | newsapi.org | none | news api, newsapi.org
google-news | Google News | news.google.com | poll |
google-maps | Google Maps | maps.googleapis.com | none | google places, google maps api
google-search | Google Search | customsearch.googleapis.com | none | google custom search
openweathermap | OpenWeatherMap | api.openweathermap.org | none | openweather, open weather map, open weather
open-meteo | Open-Meteo | api.open-meteo.com | none | open meteo
weatherapi | WeatherAPI | api.weatherapi.com | none |
nasa | NASA | api.nasa.gov | none | apod
wikipedia | Wikipedia | en.wikipedia.org | none |
arxiv | arXiv | export.arxiv.org | poll |
pubmed | PubMed | eutils.ncbi.nlm.nih.gov | poll |
serpapi | SerpAPI | serpapi.com | none | serp api
serper | Serper | google.serper.dev | none |
tavily | Tavily | api.tavily.com | none |
exa | !Exa | api.exa.ai | none | exa.ai, exa search
brave | Brave Search | api.search.brave.com | none |
firecrawl | Firecrawl | api.firecrawl.dev | push |
apify | Apify | api.apify.com | push |
brightdata | Bright Data | api.brightdata.com | none | brightdata
scrapingbee | ScrapingBee | app.scrapingbee.com | none |
scraperapi | ScraperAPI | api.scraperapi.com | none |
browserless | Browserless | chrome.browserless.io | none |
browserbase | Browserbase | api.browserbase.com | none |
playwright | Playwright | - | none |
puppeteer | Puppeteer | - | none |
remove.bg | remove.bg | api.remove.bg | none | removebg
cloudinary | Cloudinary | api.cloudinary.com | push |
unsplash | Unsplash | api.unsplash.com | none |
pexels | Pexels | api.pexels.com | none |
giphy | Giphy | api.giphy.com | none |
bitly | Bitly | api-ssl.bitly.com | none | bit.ly
ip-api | ip-api | ip-api.com | none | ipinfo, ipapi
airbnb | Airbnb | - | poll |
booking | Booking.com | - | poll |
uber | Uber | api.uber.com | push |
skyscanner | Skyscanner | partners.api.skyscanner.net | none |
amadeus | Amadeus | api.amadeus.com | none |
steam | !Steam | api.steampowered.com | poll | steam game, steam games, steampowered
tmdb | TMDB | api.themoviedb.org | none | themoviedb, the movie database
imdb | IMDb | - | none |
ticketmaster | Ticketmaster | app.ticketmaster.com | poll |
zillow | Zillow | - | poll |
crunchbase | Crunchbase | api.crunchbase.com | none |
sec-edgar | SEC EDGAR | data.sec.gov | poll | edgar
graphhopper | GraphHopper | graphhopper.com | none |
mapbox | Mapbox | api.mapbox.com | none |
openstreetmap | OpenStreetMap | nominatim.openstreetmap.org | none | nominatim
`,
);
