import { parentPort } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { answer } from './answer.ts'
import { AskedWorld } from './asked.ts'
import type { AnyAnswer, Question } from './questions.ts'
import { readSnapshot } from './snapshotText.ts'

/** A question to the thread. */
export interface Ask {
  /** Of the snapshot; the same name, the same snapshot. */
  readonly cluster: string
  readonly snapshot: string
  /** Its text, compressed; null where the thread has it already. */
  readonly body: Uint8Array | null
  readonly question: Question
  readonly nowMs: number
  /** After so long it answers with what it has. */
  readonly budgetMs: number
}
/** Null: the snapshot is of another version. */
export type Reply = { readonly answer: AnyAnswer | null } | { readonly failure: string }

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
/** The newest of each cluster. */
const known = new Map<string, { snapshot: string; asked: AskedWorld | null }>()

port.on('message', (ask: Ask) => {
  let reply: Reply
  try {
    const asked = worldOf(ask)
    const untilMs = performance.now() + ask.budgetMs
    reply = { answer: asked && answer(asked, ask.question, ask.nowMs, () => performance.now() > untilMs) }
  } catch (error) {
    known.delete(ask.cluster)
    reply = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  port.postMessage(reply)
})

function worldOf({ cluster, snapshot, body }: Ask): AskedWorld | null {
  const before = known.get(cluster)
  if (before?.snapshot === snapshot) return before.asked
  if (body === null) throw new Error(`snapshot ${snapshot} has not been told`)
  const world = readSnapshot(String(gunzipSync(body)))
  const asked = world && new AskedWorld(world)
  known.set(cluster, { snapshot, asked })
  return asked
}
