import { assert, describe, test } from 'vitest'
import { isMet, isNodeAllowed, type LabelRule, type NodeTerm, unpreferred } from './nodeAffinity.ts'

const rule = (operator: LabelRule['operator'], ...values: string[]): LabelRule => ({ key: 'k', operator, values })
const term = (labels: LabelRule[], names: LabelRule[] = []): NodeTerm => ({ labels, names })
const node = { name: 'n1', labels: { k: '8' } }

describe('a rule about a label', () => {
  const cases: Record<string, [rule: LabelRule, value: string | undefined, want: boolean]> = {
    'In: among them': [rule('In', 'a', 'b'), 'b', true],
    'In: not among them': [rule('In', 'a', 'b'), 'c', false],
    'In: no such label': [rule('In', 'a'), undefined, false],
    'NotIn: among them': [rule('NotIn', 'a'), 'a', false],
    'NotIn: no such label': [rule('NotIn', 'a'), undefined, true],
    'Exists: empty': [rule('Exists'), '', true],
    'Exists: no such label': [rule('Exists'), undefined, false],
    'DoesNotExist: there': [rule('DoesNotExist'), '', false],
    'DoesNotExist: no such label': [rule('DoesNotExist'), undefined, true],
    'Gt: more': [rule('Gt', '9'), '10', true],
    'Gt: as much': [rule('Gt', '9'), '9', false],
    'Gt: no number': [rule('Gt', '9'), 'ten', false],
    'Gt: no such label': [rule('Gt', '9'), undefined, false],
    'Lt: less': [rule('Lt', '9'), '-1', true],
    'Lt: beyond what a double holds': [rule('Lt', '9007199254740993'), '9007199254740992', true],
  }
  for (const [name, [given, value, want]] of Object.entries(cases)) {
    test(`${name}: ${want}`, () => assert.equal(isMet(given, value), want))
  }
})

describe('a node is allowed', () => {
  const allowed = (...required: NodeTerm[]) => isNodeAllowed(node, { required: [required], preferred: [] })

  test('where one of the terms holds, and of that everything', () => {
    assert.isTrue(allowed(term([rule('In', '7')]), term([rule('In', '8')])))
    assert.isFalse(allowed(term([rule('In', '8'), rule('DoesNotExist')])))
  })

  test('by its name too', () => {
    assert.isTrue(allowed(term([], [rule('In', 'n1')])))
    assert.isFalse(allowed(term([rule('In', '8')], [rule('NotIn', 'n1')])))
  })

  test('where each of several lists has a term that holds', () => {
    const both = (value: string) => [[term([rule('Exists')])], [term([rule('In', value)])]]
    assert.isTrue(isNodeAllowed(node, { required: both('8'), preferred: [] }))
    assert.isFalse(isNodeAllowed(node, { required: both('7'), preferred: [] }))
  })

  test('by no term that says nothing', () => {
    assert.isFalse(allowed(term([])))
  })

  test('anywhere where nothing is required', () => {
    assert.isTrue(isNodeAllowed(node, { required: [], preferred: [] }))
  })
})

test('what is preferred and does not hold adds up by weight', () => {
  const preferred = [
    { weight: 5, term: term([rule('In', '8')]) },
    { weight: 3, term: term([rule('In', '7')]) },
    { weight: 1, term: term([rule('DoesNotExist')]) },
  ]
  assert.equal(unpreferred(node, { required: [], preferred }), 4)
})
