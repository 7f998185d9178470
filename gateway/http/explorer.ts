import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Bundle, explorerBundle } from '../explorer/bundle.ts'
import { HttpRefusal } from './refusal.ts'
import type { Route } from './server.ts'

export interface Explorer {
  page: Route
  /** Files of `/explorer/…`. */
  assets: Route
}

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
}

/** Everything from here, and nothing from elsewhere: also what keeps a token typed into the page on this machine. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** GraphiQL for people, from the installed packages alone. Its page needs no token; what it asks for does. */
export function createExplorer(graphqlPath: string, loadBundle: () => Promise<Bundle> = explorerBundle): Explorer {
  let loaded: Promise<Bundle> | undefined
  const bundle = () => (loaded ??= loadBundle())

  return {
    page: async ({ response }) => {
      const { version } = await bundle()
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      response.end(page(graphqlPath, `/explorer/${version}`))
    },
    assets: async ({ response, url }) => {
      const { version, files } = await bundle()
      const [, , asked, name = '', ...rest] = url.pathname.split('/')
      const path = asked === version && rest.length === 0 ? (await files()).get(name) : undefined
      if (!path) throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing at this address.')
      response.writeHead(200, {
        'content-type': CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      })
      await pipeline(createReadStream(path), response)
    },
  }
}

function page(graphqlPath: string, assets: string): string {
  return `<!doctype html>
<html lang="en" data-graphql="${graphqlPath}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice</title>
<link rel="icon" href="data:,">
<style>html, body, #explorer { height: 100%; margin: 0 } #explorer > p { padding: 2rem; font: 1rem system-ui }</style>
</head>
<body>
<div id="explorer"><p>Preparing the explorer. The very first time this takes some seconds.</p></div>
<link rel="stylesheet" href="${assets}/explorer.css">
<script type="module" src="${assets}/explorer.js"></script>
</body>
</html>
`
}
