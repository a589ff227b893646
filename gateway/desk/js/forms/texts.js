/**
 * What the engine of forms says, in both languages: faults at fields, and the words around them. `{...}` are the places
 * for what is told of the field.
 */

/** @typedef {import("./types.js").Words} Words */

/** @type {Record<string, Words>} */
export const TEXTS = {
  "fault.missing": { nl: "Vul dit in.", en: "Fill this in." },
  "fault.missing.list": { nl: "Maak een keuze.", en: "Make a choice." },
  "fault.missing.group": { nl: "Vul dit onderdeel in.", en: "Fill in this part." },
  "fault.missing.choice": { nl: "Kies er één.", en: "Choose one." },
  "fault.few": { nl: "Vul dit ten minste {count} keer in.", en: "Give at least {count} of these." },
  "fault.many": { nl: "Vul dit ten hoogste {count} keer in.", en: "Give at most {count} of these." },
  "fault.number": { nl: "Schrijf een getal, als 1.234,56.", en: "Write a number, as 1.234,56." },
  "fault.ambiguous": {
    nl: "Dit kan een duizendtal zijn of drie decimalen. Schrijf 1234 of 1,234.",
    en: "This may be thousands or three decimals. Write 1234 or 1,234.",
  },
  "fault.decimals": { nl: "Dit getal heeft te veel decimalen.", en: "This number has too many decimals." },
  "fault.date": { nl: "Schrijf een datum als 31-12-2026.", en: "Write a date as 31-12-2026." },
  "fault.year": { nl: "Schrijf het jaar met vier cijfers.", en: "Write the year with four digits." },
  "fault.calendar": { nl: "Deze dag bestaat niet.", en: "There is no such day." },
  "fault.moment": { nl: "Dit is geen tijdstip.", en: "This is no moment." },
  "fault.amount": {
    nl: "Schrijf een bedrag van nul of meer, met ten hoogste negen cijfers voor de komma.",
    en: "Write an amount of zero or more, with nine digits at most before the comma.",
  },
  "fault.list": { nl: "Kies een van de mogelijkheden.", en: "Choose one of the possibilities." },
  "fault.truth": { nl: "Kies ja of nee.", en: "Choose yes or no." },
  "fault.long": {
    nl: "Dit is te lang: gebruik ten hoogste {bound} tekens.",
    en: "This is too long: {bound} characters at most.",
  },
  "fault.short": {
    nl: "Dit is te kort: gebruik ten minste {bound} tekens.",
    en: "This is too short: {bound} characters at least.",
  },
  "fault.length": { nl: "Gebruik precies {bound} tekens.", en: "Use exactly {bound} characters." },
  "fault.low": {
    nl: "Dit is te klein of te vroeg: {bound} is de grens.",
    en: "This is too small or too early: {bound} is the bound.",
  },
  "fault.high": {
    nl: "Dit is te groot of te laat: {bound} is de grens.",
    en: "This is too large or too late: {bound} is the bound.",
  },
  "fault.digits": { nl: "Dit getal heeft te veel cijfers.", en: "This number has too many digits." },
  "fault.shape": { nl: "Schrijf {shape}.", en: "Write {shape}." },
  "fault.form": { nl: "Dit heeft niet de juiste vorm.", en: "This does not have the right form." },
  "fault.invisible": {
    nl: "Hier staan tekens in die niemand ziet. Typ het opnieuw in plaats van het te plakken.",
    en: "There are characters in this that nobody sees. Type it instead of pasting it.",
  },
  "fault.account": {
    nl: "Kies een rekening uit de lijst van uw organisatie.",
    en: "Choose an account from the list of your organisation.",
  },
  "fault.unique": { nl: "Dit staat er al een keer.", en: "This is here already." },

  "form.optional": { nl: "(mag leeg blijven)", en: "(may stay empty)" },
  "form.choose": { nl: "Kies", en: "Choose" },
  "form.choice": { nl: "Kies er één", en: "Choose one" },
  "form.none": { nl: "Geen keuze", en: "No choice" },
  "form.add": { nl: "{label} toevoegen", en: "Add: {label}" },
  "form.remove": { nl: "{label} weghalen", en: "Remove: {label}" },
  "form.yes": { nl: "Ja", en: "Yes" },
  "form.no": { nl: "Nee", en: "No" },
  "form.no_accounts": {
    nl: "Uw organisatie heeft nog geen rekening opgegeven. Een beheerder doet dat onder Mijn organisatie.",
    en: "Your organisation has given no account yet. An administrator does so under My organisation.",
  },
  "summary.title": { nl: "Er klopt nog iets niet", en: "Something is not right yet" },
  "summary.one": { nl: "Er is 1 ding te verbeteren:", en: "There is 1 thing to mend:" },
  "summary.more": { nl: "Er zijn {count} dingen te verbeteren:", en: "There are {count} things to mend:" },
  "summary.words": { nl: "In woorden van de controle", en: "In the words of the validator" },
  "schema.place": { nl: "Dit voldoet niet aan het schema van het bericht: {place}.", en: "This does not conform to the schema of the message: {place}." },
  "summary.hub": {
    nl: "Het knooppunt nam het bericht niet aan. Wat u typte staat er nog.",
    en: "The hub did not take the message. What you typed is still there.",
  },
};

/**
 * A text in both languages, its places filled.
 * @param {string} key
 * @param {Record<string, string | Words>} [told]
 * @returns {Words}
 */
export function say(key, told = {}) {
  const text = TEXTS[key];
  if (text === undefined) throw new Error(`no text is called ${key}`);
  return { nl: filled(text.nl, "nl", told), en: filled(text.en, "en", told) };
}

/**
 * @param {string} text
 * @param {"nl" | "en"} language
 * @param {Record<string, string | Words>} told
 */
function filled(text, language, told) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = told[name] ?? "";
    return typeof value === "string" ? value : value[language];
  });
}
