import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { close, existsSync, openSync } from 'node:fs'

/** A child process that we started and end by its own id. */
export interface OwnProcess {
  readonly name: string
  readonly pid: number
  /** Resolves when it ends, whatever the reason, with words for it. */
  readonly ended: Promise<string>
  /** Has it end by itself, as Ctrl-C does. */
  interrupt(): Promise<void>
  /** Ends it at once: it holds nothing that should be saved. */
  kill(): Promise<void>
}

/**
 * Starts an executable with its output in `logFile`. It ends with this Node: by a hook when Node exits,
 * and on Linux, where the kernel can be asked for it, also when Node is killed.
 */
export async function startProcess(
  name: string,
  executable: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv = {},
): Promise<OwnProcess> {
  const [command, ...rest] = [...dieWithParent(), executable, ...args]
  const log = openSync(logFile, 'a')
  const child = spawn(command as string, rest, { stdio: ['ignore', log, log], env: { ...process.env, ...env } })
  close(log)
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      live.delete(child)
      resolve(`${name} ended with ${signal ?? `exit code ${code}`}; its output is in ${logFile}`)
    })
  })
  await once(child, 'spawn')
  killAtExit(child)
  return {
    name,
    pid: child.pid as number,
    ended,
    async interrupt() {
      child.kill('SIGINT')
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const SETPRIV = '/usr/bin/setpriv' // of util-linux; it replaces itself, so the process id stays the child's

function dieWithParent(): string[] {
  return process.platform === 'linux' && existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []
}

const live = new Set<ChildProcess>()

function killAtExit(child: ChildProcess): void {
  if (live.size === 0) process.once('exit', killAll)
  live.add(child)
  if (child.exitCode !== null || child.signalCode !== null) live.delete(child)
}

function killAll(): void {
  for (const child of live) child.kill('SIGKILL')
}
