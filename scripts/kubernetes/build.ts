import { spawn } from 'node:child_process'
import { access, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { withLock } from './buildLock.ts'
import {
  type BinaryName,
  type Command,
  ETCD_VERSION,
  KUBERNETES_VERSION,
  type WrapperModule,
  wrapperModules,
} from './wrapperModules.ts'

/** Paths of the executables. */
export interface KubernetesBinaries {
  etcd: string
  apiserver: string
  controllerManager: string
  /** Of Kubernetes: what benches compare with. */
  scheduler: string
  kubectl: string
}
/** @property install a line to type that mends it */
export interface MissingTool {
  missing: 'go'
  install: string
}

export interface BuildOptions {
  environment?: NodeJS.ProcessEnv
  report?: (line: string) => void
  /** Where Go may be besides PATH: its own installer puts it where a non-login shell does not look. */
  goFolders?: readonly string[]
}

/**
 * A control plane built from source, from the cache where it was built before. The first build takes
 * about five minutes and its progress goes to `report`; an interrupted one goes on where it stopped.
 * @throws Error when a build step fails, with the end of its output
 */
export async function kubernetesBinaries(options: BuildOptions = {}): Promise<KubernetesBinaries | MissingTool> {
  const { environment = process.env, report = toStderr, goFolders = ['/usr/local/go/bin'] } = options
  const folder = join(cacheFolder(environment), cacheKey())
  const binFolder = join(folder, 'bin')
  if (await areBuilt(binFolder)) return paths(binFolder)
  const go = await findExecutable('go', [...(environment.PATH ?? '').split(delimiter), ...goFolders])
  if (go === undefined) return { missing: 'go', install: installGo() }
  await mkdir(binFolder, { recursive: true })
  await withLock(
    join(folder, 'building'),
    async () => {
      for (const module of wrapperModules()) await buildModule(module, { go, folder, binFolder, environment, report })
    },
    { onWait: () => report('another process is building; waiting for it') },
  )
  return paths(binFolder)
}

function toStderr(line: string): void {
  process.stderr.write(`kubernetes: ${line}\n`)
}

/** `$SLUICE_CACHE`, else `$XDG_CACHE_HOME/sluice`, else `~/.cache/sluice`. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.SLUICE_CACHE) return environment.SLUICE_CACHE
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, 'sluice')
  return join(homedir(), '.cache', 'sluice')
}

function cacheKey(): string {
  return `kubernetes-${KUBERNETES_VERSION}-etcd-${ETCD_VERSION}-${process.platform}-${process.arch}`
}

function paths(binFolder: string): KubernetesBinaries {
  const path = (name: BinaryName) => join(binFolder, name)
  return {
    etcd: path('etcd'),
    apiserver: path('kube-apiserver'),
    controllerManager: path('kube-controller-manager'),
    scheduler: path('kube-scheduler'),
    kubectl: path('kubectl'),
  }
}

async function areBuilt(binFolder: string): Promise<boolean> {
  const built = await Promise.all(Object.values(paths(binFolder)).map(isExecutable))
  return built.every(Boolean)
}

interface BuildContext {
  go: string
  folder: string
  binFolder: string
  environment: NodeJS.ProcessEnv
  report: (line: string) => void
}

async function buildModule(module: WrapperModule, context: BuildContext): Promise<void> {
  const missing: Command[] = []
  for (const command of module.commands) {
    if (!(await isExecutable(join(context.binFolder, command.binary)))) missing.push(command)
  }
  if (missing.length === 0) return
  const source = join(context.folder, 'modules', module.name)
  await mkdir(source, { recursive: true })
  await writeFile(join(source, 'go.mod'), module.goMod)
  await writeFile(join(source, 'tools.go'), module.tools)
  context.report(`fetching the sources of ${module.name}`)
  await runGo(['mod', 'tidy'], source, context)
  for (const command of missing) await buildCommand(module, command, source, context)
}

async function buildCommand(
  module: WrapperModule,
  command: Command,
  source: string,
  context: BuildContext,
): Promise<void> {
  context.report(`building ${command.binary} (about ${command.coldSeconds} s on 2 cores, less with a warm Go cache)`)
  const startedMs = performance.now()
  const finished = join(context.binFolder, command.binary)
  const unfinished = `${finished}.${process.pid}` // renamed when whole: nobody ever runs half a binary
  try {
    const flags = ['-mod=mod', '-trimpath', '-buildvcs=false', '-ldflags', module.ldflags]
    await runGo(['build', ...flags, '-o', unfinished, command.package], source, context)
    await rename(unfinished, finished)
  } finally {
    await rm(unfinished, { force: true })
  }
  context.report(`built ${command.binary} in ${Math.round((performance.now() - startedMs) / 1000)} s`)
}

const OUTPUT_TAIL_CHARS = 4_000

function runGo(args: readonly string[], cwd: string, context: BuildContext): Promise<void> {
  // CGO off: no C compiler needed, and the binaries run on any libc. A Go that is too old may fetch a newer one.
  const env = { GOTOOLCHAIN: 'auto', ...context.environment, CGO_ENABLED: '0', GOWORK: 'off' }
  return new Promise((resolve, reject) => {
    const child = spawn(context.go, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let tail = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-OUTPUT_TAIL_CHARS)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`go ${args[0]} failed (${signal ?? `exit code ${code}`}) in ${cwd}:\n${tail}`))
    })
  })
}

async function findExecutable(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name)
  }
  return undefined
}

function installGo(): string {
  if (process.platform === 'darwin') return 'brew install go'
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64'
  return `curl -fsSL https://go.dev/dl/go1.26.8.linux-${arch}.tar.gz | sudo tar -C /usr/local -xz`
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
