/**
 * What Kubernetes accepts as a name, checked here so that a refusal comes with the request and not
 * as a directive that no cluster can apply. Source: k8s.io/apimachinery/pkg/util/validation.
 */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/

const MAX_SUBDOMAIN_LENGTH = 253
const MAX_QUALIFIED_NAME_LENGTH = 63
const MAX_ENV_NAME_LENGTH = 255

export function isDnsLabel(text: string, maxLength: number): boolean {
  return text.length <= maxLength && DNS_LABEL.test(text)
}

/** `name` or `domain/name`. */
export function isLabelKey(text: string): boolean {
  const [first = '', second, ...rest] = text.split('/')
  if (rest.length > 0) return false
  if (second === undefined) return isQualifiedName(first)
  return first.length <= MAX_SUBDOMAIN_LENGTH && DNS_SUBDOMAIN.test(first) && isQualifiedName(second)
}

export function isLabelValue(text: string): boolean {
  return text === '' || isQualifiedName(text)
}

/** Keys that Sluice and Kubernetes write themselves: a tenant's value there would be believed, or refused. */
export function isReservedLabelKey(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 0) return RESERVED_NAMES.has(text)
  const domain = text.slice(0, slash)
  return RESERVED_DOMAINS.some((reserved) => domain === reserved || domain.endsWith(`.${reserved}`))
}

export function isEnvName(text: string): boolean {
  return text.length <= MAX_ENV_NAME_LENGTH && ENV_NAME.test(text) && text !== '.' && text !== '..'
}

const RESERVED_DOMAINS = ['sluice.dev', 'kubernetes.io', 'k8s.io']
/** Written on pods by the Job controller under names older than the rule of domains. */
const RESERVED_NAMES = new Set(['job-name', 'controller-uid'])

function isQualifiedName(text: string): boolean {
  return text.length <= MAX_QUALIFIED_NAME_LENGTH && QUALIFIED_NAME.test(text)
}
