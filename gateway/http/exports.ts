import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Callers } from '../identity/callers.ts'
import { HttpRefusal } from './refusal.ts'
import type { Route } from './server.ts'

/** Downloads of finished exports. The subgraph that made one decides again, for each download, who may have it. */
export function exportsRoute(subgraphs: readonly Subgraph[], callers: Callers): Route {
  return async ({ request, response, url }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Use GET.', { headers: { allow: 'GET, HEAD' } })
    }
    const { identity } = await callers.authenticate(request.headers.authorization)
    const [, , exportId = '', ...rest] = url.pathname.split('/')
    const exporter = subgraphs.find(({ download }) => download)
    const download = rest.length === 0 ? await exporter?.download?.(exportId, identity) : null
    if (!download) throw new HttpRefusal(404, 'NOT_FOUND', 'There is no export of this id.')

    await using file = await open(download.path)
    const { size } = await file.stat()
    response.writeHead(200, {
      'content-type': download.contentType,
      'content-length': size,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(download.fileName)}`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(file.createReadStream({ autoClose: false }), response)
  }
}
