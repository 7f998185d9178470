import type { ReplayClients } from '../../../bin/replay/tenants.ts'
import type { Transport } from '../../testkit/streams.ts'
import { type SeenEvent, type Subscriber, startSubscriber } from './subscriber.ts'

/** Who follows the replay: an operator all events, each tenant its own. */
export interface Subscribers {
  readonly all: readonly Subscriber[]
  /** Reads the same events from the beginning, as one who is not interrupted. */
  reread(subscriber: Subscriber): Subscriber
  stop(): void
}

interface SubscribersOptions {
  url: string
  clients: ReplayClients
  operatorToken: string
  /** Of the operator's stream. */
  onEvent(event: SeenEvent): void
}

interface Follower {
  name: string
  token: string
  transport: Transport
  /** Where it begins. */
  after: string
}

const CURSOR = { query: '{ jobs(first: 0) { eventsCursor } }' }
interface Cursor {
  jobs: { eventsCursor: string }
}

export async function startSubscribers(options: SubscribersOptions): Promise<Subscribers> {
  const { url, onEvent } = options
  const followers = await followersOf(options)
  const all = followers.map((follower, index) =>
    startSubscriber({ ...follower, url, ...(index === 0 ? { onEvent } : {}) }),
  )
  const again: Subscriber[] = []
  return {
    all,
    reread(subscriber) {
      const follower = followers[all.indexOf(subscriber)]
      if (follower === undefined) throw new Error(`${subscriber.name} follows something else`)
      const reader = startSubscriber({ ...follower, url })
      again.push(reader)
      return reader
    },
    stop() {
      for (const each of [...all, ...again]) each.stop()
    },
  }
}

/** The operator first. Both transports have readers that are interrupted. */
async function followersOf({ clients, operatorToken }: SubscribersOptions): Promise<Follower[]> {
  const cursorOf = async (ask: ReplayClients['askOperator']) => (await ask<Cursor>(CURSOR)).jobs.eventsCursor
  const tenants = clients.tenants.map(
    async ({ slug, token, ask }, index): Promise<Follower> => ({
      name: slug,
      token,
      transport: index % 2 === 0 ? 'SSE' : 'WEBSOCKET',
      after: await cursorOf(ask),
    }),
  )
  const after = await cursorOf(clients.askOperator)
  return [{ name: 'operator', token: operatorToken, transport: 'WEBSOCKET', after }, ...(await Promise.all(tenants))]
}
