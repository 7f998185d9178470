import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { ComputeSettings } from '../../../bin/compute.ts'
import type { ComputeAnswer, ComputeRequest, ComputeStart } from './protocol.ts'

/** The compute plane in a process of its own, of which one life follows another. */
export interface Compute {
  /** @returns 'killed' where its life ended before it had answered; what was asked may have been done, and may be asked again */
  ask<Kind extends ComputeAnswer['kind']>(request: ComputeRequest, kind: Kind): Promise<AnswerOf<Kind> | 'killed'>
  kill(): Promise<void>
  /** Call it when it has ended. */
  start(): void
  /** Which of its lives this is, from 1. */
  readonly life: number
  /** When something happens next by itself; null: nothing will. */
  readonly nextTimerMs: number | null
}
export type AnswerOf<Kind> = Extract<ComputeAnswer, { kind: Kind }>

interface ComputeOptions {
  settings: ComputeSettings
  nowMs(): number
}

export function startCompute({ settings, nowMs }: ComputeOptions): Compute {
  const begin = () => beginLife({ settings, startMs: nowMs() })
  let life = begin()
  let number = 1
  let nextTimerMs: number | null = null

  return {
    get life() {
      return number
    },
    get nextTimerMs() {
      return nextTimerMs
    },
    async ask(request, kind) {
      const answer = await life.ask(request)
      if (answer === 'killed') return answer
      if (answer.kind !== kind) throw new Error(`The compute plane answered ${answer.kind} where ${kind} was asked.`)
      if ('nextTimerMs' in answer) nextTimerMs = answer.nextTimerMs
      return answer as AnswerOf<typeof kind>
    },
    kill: () => life.kill(),
    start() {
      life = begin()
      number += 1
    },
  }
}

interface Life {
  ask(request: ComputeRequest): Promise<ComputeAnswer | 'killed'>
  kill(): Promise<void>
}

function beginLife(begin: ComputeStart): Life {
  const child = fork(new URL('computeProcess.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  })
  const ended = endOf(child)
  const started = answerOf(child)
  child.send(begin, () => {})

  async function answerOf(of: ChildProcess): Promise<ComputeAnswer | 'killed'> {
    const [answer] = (await Promise.race([once(of, 'message'), ended])) as [ComputeAnswer | 'killed']
    return answer
  }

  return {
    async ask(request) {
      if ((await started) === 'killed') return 'killed'
      const answer = answerOf(child)
      child.send(request, () => {}) // where it cannot be sent, its end says so
      return answer
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** @throws Error where it ended by itself */
async function endOf(child: ChildProcess): Promise<['killed']> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (signal === 'SIGKILL') return ['killed']
  throw new Error(`The compute plane ended by itself, with ${code ?? signal}.`)
}
