import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { aJob, aNode, aPod, aSnapshot } from '../../../scheduler/testkit/builders.ts'
import type { Question } from '../../../scheduler/whatif/questions.ts'
import { SnapshotWriter } from '../../../scheduler/whatif/snapshotText.ts'
import { type Stored, startAnswering } from './answering.ts'

const PREVIEW: Question = { kind: 'preview', job: aJob('new', aPod({ gpus: 1 })) }

function stage() {
  const answering = startAnswering({ nowMs: () => 0, log: pino({ level: 'silent' }) })
  onTestFinished(answering.stop)
  const text = new SnapshotWriter().write(aSnapshot({ nodes: [aNode('n1')] }))
  const loaded: (string | null)[] = []
  /** The cluster's snapshot, without its text where the thread has it. */
  const load =
    (snapshot: string, of = text) =>
    async (held: string | null): Promise<Stored> => {
      loaded.push(held)
      return { snapshot, atMs: 0, body: held === snapshot ? null : gzipSync(of) }
    }
  return { answering, text, load, loaded }
}

test('a snapshot is told to the thread once, and again when it is another', async () => {
  const { answering, load, loaded } = stage()
  for (const name of ['1/1', '1/1', '1/2']) {
    const told = await answering.ask('c', PREVIEW, load(name))
    expect(told?.answer).toMatchObject({ preview: { start: { sureness: 'NOW' } } })
  }
  expect(loaded).toEqual([null, '1/1', '1/1'])
})

test('a text that cannot be read is refused, and the next question is answered', async () => {
  const { answering, load, text } = stage()
  await expect(answering.ask('c', PREVIEW, load('1/1', 'no JSON'))).rejects.toThrow('try again')
  const other = await answering.ask('c', PREVIEW, load('1/2', text.replace('"version":1', '"version":0')))
  expect(other).toEqual({ answer: null, atMs: 0 })
  expect((await answering.ask('c', PREVIEW, load('1/3')))?.answer).not.toBeNull()
})

test('where the database is away one question fails, and not those behind it', async () => {
  const { answering, load } = stage()
  const failing = answering.ask('c', PREVIEW, () => Promise.reject(new Error('the database is away')))
  const next = answering.ask('c', PREVIEW, load('1/1'))
  await expect(failing).rejects.toThrow('the database is away')
  expect((await next)?.answer).not.toBeNull()
})

test('with too many waiting it is refused at once', async () => {
  const { answering, load } = stage()
  const asked = Array.from({ length: 33 }, () => answering.ask('c', PREVIEW, load('1/1')))
  const outcomes = await Promise.allSettled(asked)
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
  expect(outcomes.at(-1)).toMatchObject({ reason: { extensions: { code: 'SERVICE_UNAVAILABLE' } } })
})

test('of a cluster that has told nothing there is no answer, and after its end there is none at all', async () => {
  const { answering, load } = stage()
  expect(await answering.ask('c', PREVIEW, async () => null)).toBeNull()
  await answering.stop()
  await expect(answering.ask('c', PREVIEW, load('1/1'))).rejects.toThrow('try again')
})
