import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * Writes a file that is either there whole or not at all, also after a crash.
 * @param partPath where it grows until it is whole, in the same folder; must be nobody else's
 */
export async function writeDurably(
  path: string,
  partPath: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  await mkdir(dirname(path), { recursive: true })
  try {
    const file = await open(partPath, 'w', 0o600)
    try {
      await write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    const digest = await digestOf(partPath)
    await rename(partPath, path)
    await syncFolder(dirname(path))
    return digest
  } catch (error) {
    await rm(partPath, { force: true })
    throw error
  }
}

/** Read back from the disk: the sum is of what is there, not of what should be. */
async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
    }
  })
  return { bytes, sha256: hash.digest('hex') }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What an earlier attempt left behind when its process died. */
export async function removeParts(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(folder, name), { force: true })
}
