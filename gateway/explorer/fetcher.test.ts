import { describe, expect, test } from 'vitest'
import { createFetcher } from './fetcher.ts'

const encoder = new TextEncoder()

describe("the explorer's way to the gateway", () => {
  test('a query has one result', async () => {
    const { send, sent } = answering('application/json', ['{"data":{"a":1}}'])
    const fetcher = createFetcher({ url: '/graphql', token: null, send })
    const headers = { authorization: 'Bearer mine' }
    expect(await fetcher({ query: '{ a }' }, { headers })).toEqual({ data: { a: 1 } })
    expect(sent).toEqual([{ authorization: 'Bearer mine', body: { query: '{ a }' } }])
  })

  test("a subscription's results come one by one, wherever the network cuts them", async () => {
    const text =
      ':\n\nevent: next\ndata: {"data":{"job":"é1"}}\n\nevent: next\ndata: {"data":{"job":2}}\n\nevent: complete\ndata:\n\n'
    const bytes = encoder.encode(text)
    for (const size of [1, 7, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      )
      const fetcher = createFetcher({ url: '/graphql', token: null, send: answering('text/event-stream', chunks).send })
      const results = (await fetcher({ query: 'subscription { job }' })) as AsyncGenerator<unknown>
      expect(await Array.fromAsync(results)).toEqual([{ data: { job: 'é1' } }, { data: { job: 2 } }])
    }
  })

  test("the link's token stands in until GraphiQL sends headers of its own", async () => {
    const { send, sent } = answering('application/json', ['{}'])
    const fetcher = createFetcher({ url: '/graphql', token: 'linked', send })
    await fetcher({ query: '{ a }' })
    expect(sent[0]?.authorization).toBe('Bearer linked')
  })
})

function answering(contentType: string, chunks: (string | Uint8Array<ArrayBuffer>)[]) {
  const sent: { authorization: string | null; body: unknown }[] = []
  const send: typeof fetch = async (_url, init) => {
    sent.push({ authorization: new Headers(init?.headers).get('authorization'), body: JSON.parse(String(init?.body)) })
    const body = new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk)
        controller.close()
      },
    })
    return new Response(body, { headers: { 'content-type': contentType } })
  }
  return { send, sent }
}
