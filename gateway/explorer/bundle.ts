import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The explorer's files for the browser. */
export interface Bundle {
  /** Changes with anything that is in it. */
  version: string
  /** Absolute paths by file name. Bundles at the first call ever, which takes some seconds. */
  files(): Promise<ReadonlyMap<string, string>>
}

const require = createRequire(import.meta.url)
const OURS = ['browser.js', 'fetcher.ts', 'bundle.ts']
const MADE_OF = ['graphiql', 'monaco-editor', 'react', 'esbuild']
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/**
 * GraphiQL, bundled from the installed packages so that it needs no internet. Bundling is left to the
 * first visit, so that no start waits for it; later starts find the result in the cache.
 */
export async function explorerBundle(cacheDir = here('../../node_modules/.cache/sluice')): Promise<Bundle> {
  const version = await versionOf()
  const folder = join(cacheDir, `explorer-${version}`)
  let bundled: Promise<ReadonlyMap<string, string>> | undefined
  return {
    version,
    files() {
      bundled ??= bundleInto(folder)
      bundled.catch(() => {
        bundled = undefined
      })
      return bundled
    },
  }
}

async function bundleInto(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(folder).catch(() => undefined)) ?? (await build(folder))
  return new Map(files.map((name) => [name, join(folder, name)]))
}

async function build(folder: string): Promise<string[]> {
  const { build, stop } = await import('esbuild')
  const partial = `${folder}.${process.pid}`
  await mkdir(partial, { recursive: true })
  try {
    await build({
      entryPoints: {
        explorer: here('browser.js'),
        'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
        'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
        'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
      },
      bundle: true,
      splitting: true,
      format: 'esm',
      minify: true,
      loader: { '.ttf': 'file', '.woff2': 'file' },
      define: { 'process.env.NODE_ENV': '"production"' },
      outdir: partial,
      logLevel: 'silent',
    })
    // Whole or not at all: a build that is cut off leaves nothing that looks like a bundle.
    await rename(partial, folder).catch(async (error) => {
      if (!(await readdir(folder).catch(() => undefined))) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
    await stop()
  }
  return readdir(folder)
}

async function versionOf(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of OURS) hash.update(await readFile(here(name)))
  for (const name of MADE_OF) hash.update(`${name}@${require(`${name}/package.json`).version}`)
  return hash.digest('hex').slice(0, 12)
}
