import type { ClusterHello } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { outageOf } from '../../platform/outage.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'
import { type Link, LinkError } from './link.ts'

interface GreetOptions {
  link: Link
  hello: ClusterHello
  log: Log
  timers: Timers
  random: () => number
  signal: AbortSignal
}

const BASE_RETRY_MS = 100
const LAST_RETRY_MS = 10_000

/**
 * Makes the cluster known to the control plane, however long that takes.
 * @returns its id, and the link over which it is known; null where `signal` came first
 */
export async function greet(options: GreetOptions): Promise<{ clusterId: string; link: Link } | null> {
  const { link, hello, log, timers, random, signal } = options
  const outage = outageOf(log, {}, 'the control plane does not know this cluster yet')
  for (let failures = 0; !signal.aborted; ) {
    try {
      const { clusterId } = await link.hello(hello, signal)
      return { clusterId, link: greetingAgain(link, hello, clusterId, signal) }
    } catch (error) {
      failures += 1
      if (!signal.aborted) outage.failed(error)
      await pause(timers, backoffMs(failures, BASE_RETRY_MS, LAST_RETRY_MS, random), signal)
    }
  }
  return null
}

/** A gateway keeps in memory whom it has met: one that has started anew asks for another hello. */
function greetingAgain(link: Link, hello: ClusterHello, clusterId: string, signal: AbortSignal): Link {
  let greeting: Promise<void> | undefined

  async function known<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof LinkError && error.code === 'HELLO_FIRST')) throw error
    }
    greeting ??= helloAgain().finally(() => {
      greeting = undefined
    })
    await greeting
    return call()
  }

  async function helloAgain(): Promise<void> {
    const greeted = await link.hello(hello, signal)
    if (greeted.clusterId === clusterId) return
    // What was told and applied so far belongs to a cluster that the control plane has forgotten.
    throw new LinkError(`The control plane now knows ${hello.name} by another id. Start the agent again.`)
  }

  return {
    hello: link.hello,
    directives: (...request) => known(() => link.directives(...request)),
    observe: (...batch) => known(() => link.observe(...batch)),
    close: link.close,
  }
}
