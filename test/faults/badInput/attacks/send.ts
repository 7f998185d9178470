import { Agent, request } from 'undici'
import type { Reply } from '../judge.ts'

/** Clients of many connections: one that the gateway closes costs only itself. */
const dispatcher = new Agent({ connections: 64, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 })

interface Sent {
  method: string
  headers: Record<string, string>
  body?: string | Buffer | undefined
}

/** @returns null where the gateway closed the connection instead of answering, as it does amid a body that it refuses */
export async function send(url: string, { method, headers, body }: Sent): Promise<Reply | null> {
  const leaving = new AbortController()
  try {
    const answer = await request(url, {
      dispatcher,
      method: method as 'GET',
      headers,
      body: body ?? null,
      signal: leaving.signal,
    })
    const isStream = answer.headers['content-type']?.includes('event-stream')
    // A stream that goes on is left after its first words; errors end it by themselves.
    const text = isStream ? await firstOf(answer.body) : await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, body: text }
  } catch (error) {
    if (isClosing(error)) return null
    throw error
  } finally {
    leaving.abort()
  }
}

async function firstOf(body: AsyncIterable<Buffer>): Promise<string> {
  for await (const chunk of body) return String(chunk)
  return ''
}

function isClosing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(String(error.code))
}
