import { bearer } from '../../../testkit/answers.ts'
import type { Attack } from '../attacks.ts'
import type { Random } from '../random.ts'
import { anyToken, type Target } from '../target.ts'
import { attack } from './graphql.ts'

const PARTS = [
  '..',
  '%2e%2e',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%ff%fe',
  '%',
  'x'.repeat(3_000),
  '',
  '.',
  ';a=b',
  '__proto__',
  'constructor',
  'export_01h455vb4pex5vsknk084sn02q',
  'job_01h455vb4pex5vsknk084sn02q',
  "'%20or%20'1'='1",
  '💥',
]
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']

export function exportsAttack(target: Target, random: Random): Attack {
  const { exportId } = target
  const name = random.pick([exportId, exportId.slice(0, -1), exportId.toUpperCase(), `${exportId}/`, ...PARTS])
  const headers: Record<string, string> = bearer(anyToken(target, random))
  if (random.chance(0.3))
    headers.range = random.pick(['bytes=0-', 'bytes=-1', 'bytes=9-1', 'lines=1', `bytes=${'0-,'.repeat(500)}`])
  if (random.chance(0.2)) headers['if-none-match'] = '*'
  return attack(`${target.url}/exports/${encodeURI(decoded(name))}`, random.pick(METHODS), headers)
}

const ROOMS = ['explorer', 'healthz', 'metrics', 'link', 'graphql', 'admin', '.git', '__proto__', 'constructor']

export function pagesAttack(target: Target, random: Random): Attack {
  const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(PARTS))
  const path = [random.pick(ROOMS), ...parts].slice(random.below(2)).join('/')
  return attack(`${target.url}/${encodeURI(decoded(path))}`, random.pick(METHODS), bearer(anyToken(target, random)))
}

/** What is no encoding stays as it is. */
function decoded(path: string): string {
  return path.replaceAll('💥', '%F0%9F%92%A5')
}
