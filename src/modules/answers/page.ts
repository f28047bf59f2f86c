// What does somebody without an account see? A page that needs no script, no account and no good eyes.
import { markup, style, type Html } from '../../platform/html.ts'
import { languages, type Language } from '../../platform/language.ts'
import { codes, label, type Code } from '../vocabularies/index.ts'
import type { Field } from './rules.ts'
import { day, factWords, instantIn, topicWord, words, type Question } from './words.ts'

export const sheet = style(`
:root{color-scheme:light dark;--ink:#1b1b1f;--paper:#fff;--soft:#f1f3f6;--line:#5c6370;--act:#0b4f8a;--on-act:#fff;--alarm:#a3131d}
@media (prefers-color-scheme:dark){:root{--ink:#f2f2f5;--paper:#16181c;--soft:#23262c;--line:#a2a9b6;--act:#8ec5ff;--on-act:#0b1a2b;--alarm:#ff9d9d}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
header,main{max-width:44rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;justify-content:space-between;align-items:baseline}
.brand{margin:0;font-weight:700}
nav ul{display:flex;flex-wrap:wrap;gap:1rem;list-style:none;margin:0;padding:0}
a{color:var(--act)}
nav [aria-current]{color:inherit;font-weight:700;text-decoration:none}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static;display:inline-block;padding:.5rem 1rem}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.25rem;margin-top:2rem}h3{font-size:1.0625rem;margin:1.5rem 0 .25rem}
section.part,.notice{background:var(--soft);border-radius:.5rem;padding:.75rem 1rem;margin:.75rem 0}
section.part h3{margin-top:0}section.part p{margin:.5rem 0}
.words{white-space:pre-wrap}
dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.25rem 1rem;margin:.5rem 0}
dt{font-weight:600}dd{margin:0}
@media (max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
form{margin:1rem 0}
label,legend{font-weight:600}
fieldset{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0;padding:.5rem 1rem 1rem}
.choice{display:flex;gap:.6rem;align-items:center;min-height:2.75rem}
.choice label{font-weight:400}
.field{margin:1rem 0}
.hint{display:block;margin:.15rem 0}
input[type=text],select,textarea{display:block;width:100%;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.375rem;margin-top:.35rem;padding:.6rem .7rem;min-height:2.75rem}
.code input{max-width:12rem;font-size:1.5rem;letter-spacing:.2em}
input[type=radio]{width:1.25rem;height:1.25rem;flex:none}
button{font:inherit;font-weight:600;min-height:2.75rem;padding:.6rem 1.4rem;border:0;border-radius:.375rem;background:var(--act);color:var(--on-act);cursor:pointer}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.alarm{border-left:.3rem solid var(--alarm);padding:.25rem 1rem;margin:1rem 0}
.alarm p,.alarm h2{margin:.25rem 0;font-size:1.0625rem}
.wrong{display:block;margin:.15rem 0;color:var(--alarm);font-weight:600}
`)

/** With a token there is a page to read in another language; where there is none, nobody is sent on. */
function page(language: Language, title: string, main: Html, token?: string): string {
  const { languages: choice, skip } = words[language]
  const others =
    token !== undefined &&
    markup`<nav aria-label="${choice}">
      <ul>
        ${languages.map(
          (one) =>
            markup`<li>
              <a
                href="/answer/${token}?lang=${one}"
                lang="${one}"
                hreflang="${one}"
                ${one === language && markup` aria-current="true"`}
                >${words[one].name}</a
              >
            </li>`,
        )}
      </ul>
    </nav>`
  return markup`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <title>${title} · Lotse</title>
        ${sheet.element}
      </head>
      <body>
        <a class="skip" href="#main">${skip}</a>
        <header>
          <p class="brand">Lotse</p>
          ${others}
        </header>
        <main id="main">
          <h1>${title}</h1>
          ${main}
        </main>
      </body>
    </html> `.markup
}

/**
 * Wrong, expired, revoked, locked or answered: one and the same, to the last byte. In all languages, since whose link it
 * was is not said either.
 */
export const plainPage = (status: number) => {
  const told = (language: Language) => words[language][status === 404 ? 'gone' : 'busy']
  const [first, ...others] = languages
  return page(
    first,
    told(first).title,
    markup`<p>${told(first).text}</p>
      ${others.map(
        (one) =>
          markup`<section lang="${one}">
            <h2>${told(one).title}</h2>
            <p>${told(one).text}</p>
          </section>`,
      )}`,
  )
}

export function codePage(language: Language, token: string, triesLeft?: number) {
  const { code } = words[language]
  const wrong = triesLeft === undefined ? undefined : code.wrong(triesLeft)
  return page(
    language,
    code.title,
    markup`<p id="about">${code.text}</p>
      ${wrong && markup`<div class="alarm" role="alert"><p id="wrong">${wrong}</p></div>`}
      <form method="post" action="/answer/${token}?lang=${language}" class="code">
        <div class="field">
          <label for="code">${code.label}</label>
          <input
            type="text"
            id="code"
            name="code"
            inputmode="numeric"
            autocomplete="one-time-code"
            required
            maxlength="20"
            aria-describedby="about${wrong ? ' wrong' : ''}"
            ${wrong ? markup` aria-invalid="true" autofocus` : ''}
          />
        </div>
        <button type="submit">${code.submit}</button>
      </form>`,
    token,
  )
}

export interface Part {
  topic: string
  category: Code<'data_category'>
  need: Code<'need_level'> | null
  text: string
  facts: Record<string, string | number | boolean | string[]>
}

export interface Asked {
  token: string
  referral: {
    senderOrganizationName: string
    senderName: string | null
    offerName: string
    answerDueOn: string | null
    urgency: Code<'urgency'>
  }
  openUntil: string
  timeZone: string
  disclosed: { notice: string; parts: Part[] }[]
  attachments: { id: string; name: string; type: Code<'attachment_type'>; size: number }[]
  questions: ReadonlyMap<string, Question>
}

export interface Filled {
  wrong: Field[]
  form: Record<Field, string>
}

const blank: Filled = { wrong: [], form: { decision: '', reason: '', note: '', name: '' } }

export function questionPage(language: Language, given: Asked, filled: Filled = blank) {
  const { question } = words[language]
  const { referral } = given
  return page(
    language,
    question.title,
    markup`<dl>
        <dt>${question.from}</dt>
        <dd>${[referral.senderName, referral.senderOrganizationName].filter(Boolean).join(', ')}</dd>
        <dt>${question.at}</dt>
        <dd>${referral.offerName}</dd>
        <dt>${question.urgency}</dt>
        <dd>${label('urgency', referral.urgency, language)}</dd>
        ${
          referral.answerDueOn &&
          markup`<dt>${question.due}</dt>
            <dd><time datetime="${referral.answerDueOn}">${day(referral.answerDueOn, language)}</time></dd>`
        }
        <dt>${question.until}</dt>
        <dd>
          <time datetime="${given.openUntil}">${instantIn(given.timeZone, given.openUntil, language)}</time>
        </dd>
      </dl>
      ${filled.wrong.length > 0 && problems(language, filled.wrong)} ${contentOf(language, given)}
      ${answerForm(language, given.token, filled)}`,
    given.token,
  )
}

function problems(language: Language, wrong: readonly Field[]) {
  const { answer } = words[language]
  // An alert that was there from the beginning is read out by few; what has the focus is.
  return markup`<div class="alarm" role="alert" tabindex="-1" autofocus>
    <h2>${answer.wrong}</h2>
    <ul>
      ${wrong.map((field) => markup`<li><a href="#${field}">${answer.missing[field]}</a></li>`)}
    </ul>
  </div>`
}

function contentOf(language: Language, { token, disclosed, attachments, questions }: Asked) {
  const { content } = words[language]
  return markup`<h2>${content.title}</h2>
    ${disclosed.length === 0 && markup`<p>${content.nothing}</p>`}
    ${disclosed.map(
      ({ notice, parts }) =>
        markup`<p class="notice">${notice}</p>
          ${parts.map((part) => partOf(language, part, questions))}`,
    )}
    ${
      attachments.length > 0 &&
      markup`<h3>${content.attachments}</h3>
        <ul>
          ${attachments.map(
            ({ id, name, type, size }) =>
              markup`<li>
                <a href="/answer/${token}/attachments/${id}" download>${name}</a>
                (${label('attachment_type', type, language)},
                ${content.size(
                  new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(
                    Math.max(1, size / 1000),
                  ),
                )})
              </li>`,
          )}
        </ul>`
    }`
}

function partOf(
  language: Language,
  { topic, category, need, text, facts }: Part,
  questions: ReadonlyMap<string, Question>,
) {
  const known = Object.entries(facts)
  return markup`<section class="part">
    <h3>${topicWord(topic, language)}</h3>
    <p>
      ${label('data_category', category, language)}${need && markup` · ${words[language].content.need}: ${label('need_level', need, language)}`}
    </p>
    ${text && markup`<p class="words">${text}</p>`}
    ${
      known.length > 0 &&
      markup`<dl>
        ${known.map(([key, fact]) => {
          const { term, says } = factWords(key, fact, questions, language)
          return markup`<dt>${term}</dt>
            <dd>${says}</dd>`
        })}
      </dl>`
    }
  </section>`
}

function answerForm(language: Language, token: string, { wrong, form }: Filled) {
  const { answer } = words[language]
  const bad = (field: Field) => wrong.includes(field) && markup` aria-invalid="true"`
  const described = (field: Field, hint = '') => {
    const by = [wrong.includes(field) && `${field}-wrong`, hint].filter(Boolean).join(' ')
    return by !== '' && markup` aria-describedby="${by}"`
  }
  const says = (field: Field) =>
    wrong.includes(field) && markup`<span class="wrong" id="${field}-wrong">${answer.missing[field]}</span>`
  const choice = (value: 'accept' | 'decline', id: string) =>
    markup`<div class="choice">
      <input
        type="radio"
        id="${id}"
        name="decision"
        value="${value}"
        required${form.decision === value ? markup` checked` : ''}${bad('decision')}
      /><label for="${id}">${answer[value]}</label>
    </div>`
  return markup`<h2>${answer.title}</h2>
<p>${answer.text}</p>
<form method="post" action="/answer/${token}/answer?lang=${language}">
<fieldset${described('decision')}><legend>${answer.decision}</legend>${says('decision')}${choice('accept', 'decision')}${choice('decline', 'decision-no')}</fieldset>
<div class="field"><label for="reason">${answer.reason}</label>${says('reason')}
<select id="reason" name="reason"${described('reason')}${bad('reason')}><option value="">${answer.choose}</option>${codes(
    'decline_reason',
  ).map(
    (code) =>
      markup`<option value="${code}" ${form.reason === code ? markup` selected` : ''}>
        ${label('decline_reason', code, language)}
      </option>`,
  )}</select></div>
<div class="field"><label for="note">${answer.note}</label>
<span class="hint" id="note-hint">${answer.noteHint}</span>${says('note')}
<textarea id="note" name="note" rows="3" maxlength="1000" ${described('note', 'note-hint')}${bad('note')}>${form.note}</textarea></div>
<div class="field"><label for="name">${answer.name}</label>
<span class="hint" id="name-hint">${answer.nameHint}</span>${says('name')}
<input type="text" id="name" name="name" maxlength="120" required autocomplete="name" ${described('name', 'name-hint')} value="${form.name}"${bad('name')}></div>
<button type="submit">${answer.submit}</button>
</form>`
}

/** Nothing of the person stands here any more. */
export function donePage(language: Language, kind: 'accept' | 'decline') {
  const { done } = words[language]
  return page(
    language,
    done.title,
    markup`<p>${kind === 'accept' ? done.accepted : done.declined}</p>
      <p>${done.closed}</p>`,
  )
}
