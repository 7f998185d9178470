import type { Settings } from './settings.ts'

/** One word after `sluice`. */
export interface Command {
  summary: string
  usage: string
  /** @returns the exit code */
  run(args: string[], settings: Settings): Promise<number>
}
