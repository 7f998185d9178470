import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Secrets {
  client: Uint8Array
  subgraph: Uint8Array
}

/** The signing secrets of a data folder, made at first use, readable by their owner alone. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  await mkdir(dataDir, { recursive: true })
  const path = join(dataDir, 'secrets.json')
  const fresh = JSON.stringify({
    client: randomBytes(32).toString('base64url'),
    subgraph: randomBytes(32).toString('base64url'),
  })
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(fresh)
    await file.sync()
    await file.close()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const stored = JSON.parse(await readFile(path, 'utf8')) as Record<keyof Secrets, string>
  return { client: Buffer.from(stored.client, 'base64url'), subgraph: Buffer.from(stored.subgraph, 'base64url') }
}
