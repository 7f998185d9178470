import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the program that uses a data folder can be reached; written once it is ready. */
export interface Running {
  url: string
  /** Of the ops listeners: the control plane's, then the compute plane's. */
  opsUrls: string[]
  pid: number
}

const pathOf = (dataDir: string) => join(dataDir, 'running.json')

export async function writeRunning(dataDir: string, running: Running): Promise<void> {
  const draft = `${pathOf(dataDir)}.${process.pid}` // two gateways may share a folder
  await writeFile(draft, JSON.stringify(running))
  await rename(draft, pathOf(dataDir))
}

export async function removeRunning(dataDir: string): Promise<void> {
  await rm(pathOf(dataDir), { force: true })
}

/** @returns null where nothing is known to run there; a program that was killed leaves its note behind */
export async function readRunning(dataDir: string): Promise<Running | null> {
  try {
    return JSON.parse(await readFile(pathOf(dataDir), 'utf8')) as Running
  } catch {
    return null
  }
}
