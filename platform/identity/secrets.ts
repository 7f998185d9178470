import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
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
  if (!existsSync(path)) await makeOnce(path, fresh)
  const stored = JSON.parse(await readFile(path, 'utf8')) as Record<keyof Secrets, string>
  return { client: Buffer.from(stored.client, 'base64url'), subgraph: Buffer.from(stored.subgraph, 'base64url') }
}

/** Roles that share a folder may come here at once: the file appears whole, and only the first one's. */
async function makeOnce(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await file.close()
    await rm(draft)
  }
}
