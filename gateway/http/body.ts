import type { IncomingMessage } from 'node:http'
import { nestsDeeper } from '../nesting.ts'
import { HttpRefusal } from './refusal.ts'

/** Far more than any request has. */
const MAX_DEPTH = 100

/**
 * Reads a JSON object of bounded size, told to `charge` before it is parsed. Asking for this content type also keeps other sites' forms
 * out: a browser does not send it across sites without asking first, and here it would ask in vain.
 * @throws HttpRefusal 415, 413, 400
 */
export async function readJsonObject(
  request: IncomingMessage,
  limitBytes: number,
  charge: (bytes: number) => void = () => {},
): Promise<Record<string, unknown>> {
  const [contentType] = (request.headers['content-type'] ?? '').split(';')
  if (contentType?.trim().toLowerCase() !== 'application/json') {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.')
  }
  const bytes = await readBytes(request, limitBytes)
  charge(bytes.length)
  const body = parsed(bytes.toString())
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is no JSON object.')
  }
  return body as Record<string, unknown>
}

async function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limitBytes) throw tooLarge(limitBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

function parsed(text: string): unknown {
  if (nestsDeeper(text, MAX_DEPTH)) {
    throw new HttpRefusal(400, 'BAD_REQUEST', `The body nests deeper than ${MAX_DEPTH} levels.`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is no JSON.')
  }
}

/** The rest of such a body is not read: the connection ends with the answer. */
function tooLarge(limitBytes: number): HttpRefusal {
  return new HttpRefusal(413, 'BODY_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`, {
    headers: { connection: 'close' },
  })
}
