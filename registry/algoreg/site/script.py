"""Searches and filters the cards of the index, and keeps what was asked for in the address; our own text alone.

It needs no data beside the page: it reads what the cards show and their attributes. Without it everything is listed.
It is written without the signs that XML escapes, so that the page stays readable for its tools, too.
"""

from __future__ import annotations

SCRIPT = """
(() => {
  "use strict";
  const plain = text => text.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase();
  const filters = document.getElementById("filters");
  const count = document.getElementById("count");
  const all = document.getElementById("all");
  const fields = [...filters.querySelectorAll("[name]")];
  const cards = [...document.querySelectorAll("#algorithms > li")].map(
    card => ({card, text: plain(card.textContent)}));
  const value = field => field.type === "checkbox" ? (field.checked ? field.value : "") : field.value.trim();

  const fits = ({card, text}) => fields.every(field => {
    const wanted = value(field);
    if (field.name === "q") return plain(wanted).split(/\\s+/).every(word => text.includes(word));
    return wanted === "" || card.dataset[field.name].split(" ").includes(wanted);
  });

  const show = () => {
    cards.forEach(one => { one.card.hidden = !fits(one); });
    const shown = cards.filter(one => !one.card.hidden).length;
    const word = cards.length === 1 ? "algorithm" : "algorithms";
    const said = shown === cards.length ? `${shown} ${word}` : `${shown} of ${cards.length} ${word}`;
    if (count.textContent !== said) count.textContent = said;
    all.disabled = fields.every(field => value(field) === "");
  };

  const remember = () => {
    const asked = new URLSearchParams();
    fields.forEach(field => { if (value(field) !== "") asked.set(field.name, value(field)); });
    history.replaceState(null, "", `#${asked}`);
  };

  const recall = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    fields.forEach(field => {
      const wanted = asked.get(field.name) ?? "";
      if (field.type === "checkbox") field.checked = wanted === field.value;
      else field.value = wanted;
      if (field.selectedIndex === -1) field.selectedIndex = 0;
    });
    show();
  };

  const change = () => { show(); remember(); };
  filters.addEventListener("input", change);
  all.addEventListener("click", () => {
    fields.forEach(field => {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    });
    change();
    fields[0].focus();
  });
  addEventListener("hashchange", () => { if (location.hash !== "#main") recall(); });
  filters.hidden = false;
  recall();
})();
"""
