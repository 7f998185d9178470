import { pipeline } from 'node:stream/promises'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Callers } from '../identity/callers.ts'
import type { Rates } from '../rates/rates.ts'
import { HttpRefusal } from './refusal.ts'
import type { Route } from './server.ts'

/** Of one download: a file is read and sent. */
const DOWNLOAD_COST = 100

/** Downloads of finished exports. The subgraph that made one decides again, for each download, who may have it. */
export function exportsRoute(subgraphs: readonly Subgraph[], callers: Callers, rates: Rates): Route {
  return async ({ request, response, url }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Use GET.', { headers: { allow: 'GET, HEAD' } })
    }
    const { identity, identityToken } = await callers.authenticate(
      request.headers.authorization,
      request.socket.remoteAddress,
    )
    rates.operation(identity, DOWNLOAD_COST)
    const [, , exportId = '', ...rest] = url.pathname.split('/')
    const exporter = subgraphs.find(({ download }) => download)
    const download = rest.length === 0 ? await exporter?.download?.(exportId, identityToken) : null
    if (!download) throw new HttpRefusal(404, 'NOT_FOUND', 'There is no export of this id.')

    response.writeHead(200, {
      'content-type': download.contentType,
      'content-length': download.sizeBytes,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(download.fileName)}`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    if (request.method === 'GET') return pipeline(download.content(), response)
    download.discard()
    response.end()
  }
}
