// Native inputs made from rows of data: every one has a name, works by keyboard and finger, and says what it is.

const make = (tag, given = {}, inside = []) => {
  const made = Object.assign(document.createElement(tag), given)
  made.append(...inside)
  return made
}

// Every element of the page, those in shadow roots too; asked only when a word is pressed.
function* everything(root) {
  for (const one of root.querySelectorAll("*")) {
    yield one
    if (one.shadowRoot) yield* everything(one.shadowRoot)
  }
}

// Opens the glossary at a word.
function look_up(word) {
  for (const one of everything(document)) {
    if (one.id !== word) continue
    one.closest("details").open = true
    one.tabIndex = -1
    one.focus({preventScroll: true})
    one.scrollIntoView({block: "center"})
    return
  }
}

function field(row, number, send) {
  const id = `field-${number}`
  const label = make("label", {htmlFor: id, textContent: row.label})
  const box = make("div", {className: `field ${row.kind}`})
  if (row.width) box.style.width = `${row.width}px`
  let show, held = false
  if (row.kind === "choice" || row.kind === "switch") {
    const input = row.kind === "switch" ? make("input", {type: "checkbox", id})
      : make("select", {id}, row.choices.map(choice => make("option", {value: choice, textContent: choice})))
    const key = row.kind === "switch" ? "checked" : "value"
    input.addEventListener("change", () => send(row.key, input[key]))
    show = value => { input[key] = value }
    box.append(...(row.kind === "switch" ? [input, label] : [label, input]))
  } else {
    const most = {step: row.step, min: row.least ?? "", max: row.most ?? ""}
    const input = make("input", {type: "number", id, ...most, disabled: row.disabled ?? false})
    const slider = row.slider ? make("input", {type: "range", min: row.low, max: row.high, step: row.step}) : null
    let last = row.low
    show = value => {
      if (held) return  // somebody is dragging
      last = value
      input.value = value
      if (!slider) return
      slider.min = Math.min(row.low, value)
      slider.max = Math.max(row.high, value)
      slider.value = value
    }
    input.addEventListener("change", () => {
      const value = input.valueAsNumber
      const fits = Number.isFinite(value) && !(value < row.least) && !(row.most !== null && value > row.most)
        && (row.kind !== "whole" || Number.isInteger(value))
      if (!fits) return show(last)
      show(value)
      send(row.key, value)
    })
    box.append(label, input)
    if (slider) {
      slider.setAttribute("aria-label", row.label)
      slider.addEventListener("input", () => { held = true; input.value = slider.value })
      for (const end of ["pointerup", "pointercancel", "keyup", "blur"])  // back where it began, nothing has changed
        slider.addEventListener(end, () => { held = false })
      slider.addEventListener("change", () => { held = false; show(slider.valueAsNumber); send(row.key, slider.valueAsNumber) })
      box.append(slider)
    }
  }
  if (row.about) {
    const about = make("p", {className: "about", innerHTML: row.about})
    for (const word of about.querySelectorAll("a"))
      word.addEventListener("click", event => { event.preventDefault(); look_up(word.hash.slice(1)) })
    box.append(about)
  }
  return [box, show]
}

export function render({model, el}) {
  const box = make("div", {className: "fields"})
  let shown = {}
  const send = (key, value) => model.send_msg({key, value})
  const fill = values => { for (const key in shown) if (key in values) shown[key](values[key]) }
  const build = () => {
    shown = {}
    box.replaceChildren(...model.rows.map((row, number) => {
      const [one, show] = field(row, number, send)
      shown[row.key] = show
      return one
    }))
    fill(model.values)
  }
  document.documentElement.lang = model.lang
  document.querySelector("body > [data-root-id]")?.setAttribute("role", "main")
  model.on("rows", build)
  model.on("values", () => fill(model.values))
  model.on("msg:custom", fill)
  build()
  return box
}
