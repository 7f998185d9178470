import { setTimeout as pause } from 'node:timers/promises'
import { about, codesOf } from '../../testkit/answers.ts'
import { subscribe, type Transport } from '../../testkit/streams.ts'

/** A client that follows all events it may see, and goes on after the last one whatever ends its stream. */
export interface Subscriber {
  readonly name: string
  /** Each as it came, in that order. */
  readonly events: readonly SeenEvent[]
  /** How often it went on over another stream. */
  readonly resumptions: number
  /** What should never have come: an event a second time, or a stream that ended in a way that says nothing of going on. */
  readonly faults: readonly string[]
  /** Its stream is not taken up again; it ends with the gateway. */
  stop(): void
}
export interface SeenEvent {
  cursor: string
  /** When it happened, in domain time. */
  at: string
  type: string
  job: { id: string; phase: string } | null
}

interface SubscriberOptions {
  name: string
  url: string
  token: string
  transport: Transport
  /** Where it begins. */
  after: string
  onEvent?(event: SeenEvent): void
}

const EVENTS = `subscription Follow($after: Cursor) {
  jobEvents(after: $after) { cursor at type job { id phase } }
}`
/** A stream may end with these, and be taken up again. */
const RESUMABLE = new Set(['GOING_AWAY', 'SERVICE_UNAVAILABLE'])
const PAUSE_MS = 50

export function startSubscriber(options: SubscriberOptions): Subscriber {
  const { name, url, token, transport, onEvent = () => {} } = options
  const events: SeenEvent[] = []
  const faults: string[] = []
  const seen = new Set<string>()
  let after = options.after
  let resumptions = 0
  let isStopped = false

  function take(event: SeenEvent): void {
    if (seen.has(event.cursor)) faults.push(`${name} saw ${event.type} at ${event.cursor} twice`)
    seen.add(event.cursor)
    events.push(event)
    after = event.cursor
    onEvent(event)
  }

  /** Resolves when the stream has ended, however. */
  async function follow(): Promise<void> {
    const stream = subscribe<{ jobEvents: SeenEvent | null }>(transport, {
      url,
      token,
      query: EVENTS,
      variables: { after },
    })
    let isFirst = true
    for await (const answer of stream) {
      const event = answer.data?.jobEvents
      if (event && event.type !== 'LAGGED') {
        if (isFirst && events.length > 0) resumptions += 1
        isFirst = false
        take(event)
        continue
      }
      if (event) after = event.cursor
      else if (!codesOf(answer).every((code) => RESUMABLE.has(String(code)))) faults.push(about(answer))
      return
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      await follow().catch(() => {}) // its connection was lost, or could not be made
      await pause(PAUSE_MS)
    }
  }

  void run()
  return {
    name,
    events,
    faults,
    get resumptions() {
      return resumptions
    },
    stop() {
      isStopped = true
    },
  }
}
