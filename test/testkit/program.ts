import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { killTree } from './processTree.ts'

/** `bin/sluice.ts` in a process of its own, as a person starts it. */
export interface Program {
  readonly pid: number
  /** All of stdout so far. */
  stdout(): string
  /** All of stderr so far. */
  stderr(): string
  /**
   * Waits until stdout holds the pattern.
   * @throws Error with everything it wrote, if it ends or takes too long
   */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves when it has ended. */
  readonly ended: Promise<Ending>
  /** Ctrl-C. */
  interrupt(): Promise<Ending>
  /** kill -9 of the whole tree, Postgres included. */
  kill(): Promise<void>
}
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  /** From its start, or from its interruption where it was interrupted. */
  seconds: number
}

const SLUICE = fileURLToPath(new URL('../../bin/sluice.ts', import.meta.url))
/** A machine that runs other things beside the tests takes several times as long as an idle one. */
const SAYS_WITHIN_MS = 60_000

export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv): Program {
  return runScript(SLUICE, args, env)
}

/** Any script of ours as a program of its own. */
export function runScript(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Program {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, SLUICE_OPS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a Ctrl-C at the tests' own terminal is ours to pass on
  })
  const { pid } = child
  if (pid === undefined) throw new Error('the program cannot be started')
  const stdout = collected(child.stdout)
  const stderr = collected(child.stderr)
  let sinceMs = performance.now()
  const ended = endingOf(child, () => (performance.now() - sinceMs) / 1000)

  return {
    pid,
    stdout: stdout.text,
    stderr: stderr.text,
    ended,
    async says(pattern) {
      const deadline = AbortSignal.timeout(SAYS_WITHIN_MS)
      for (;;) {
        const match = pattern.exec(stdout.text())
        if (match) return match
        const more = await Promise.race([stdout.grown(deadline), ended.then(() => false)])
        if (!more) throw new Error(`It never said ${pattern}:\n${stdout.text()}\n${stderr.text()}`)
      }
    },
    async interrupt() {
      sinceMs = performance.now()
      child.kill('SIGINT')
      return ended
    },
    async kill() {
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (!isOver) await killTree(pid) // otherwise its number may be another’s by now
      await ended
    },
  }
}

async function endingOf(child: ChildProcess, seconds: () => number): Promise<Ending> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, seconds: seconds() }
}

interface Collected {
  text(): string
  /** @returns false when nothing came before the signal */
  grown(signal: AbortSignal): Promise<boolean>
}

function collected(stream: NodeJS.ReadableStream): Collected {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text += chunk
  })
  return {
    text: () => text,
    grown: (signal) =>
      once(stream, 'data', { signal }).then(
        () => true,
        () => false,
      ),
  }
}
