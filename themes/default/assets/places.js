// "Nearest to me" in a list of places to collect a book at. The browser is asked where it is only when
// somebody presses the button, and sorts the list itself: the server learns nothing. Without this
// script, or without an answer, the list is sorted by the links beside the button.
const RADIUS = 6371;
const rad = (degrees) => (degrees * Math.PI) / 180;

// The distance on a sphere, in kilometres (haversine).
const kilometres = (one, other) => {
  const half = (n) => Math.sin(rad(other[n] - one[n]) / 2) ** 2;
  const both = half(0) + Math.cos(rad(one[0])) * Math.cos(rad(other[0])) * half(1);
  return 2 * RADIUS * Math.asin(Math.sqrt(both));
};

for (const list of document.querySelectorAll("[data-places]")) {
  const button = list.querySelector("[data-near-me]");
  if (!button || !("geolocation" in navigator)) continue;
  const said = list.querySelector("[data-near-me-said]");
  const length = new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: "kilometer", maximumFractionDigits: 1,
  });
  const words = button.dataset;

  const found = ({ coords }) => {
    const here = [coords.latitude, coords.longitude];
    const places = [...list.querySelectorAll("[data-place]")].map((label) => ({
      label,
      far: label.dataset.point ? kilometres(here, label.dataset.point.split(",").map(Number)) : Infinity,
    }));
    const spots = places.map(({ label }) => {
      const spot = document.createComment("");
      label.replaceWith(spot);
      return spot;
    });
    places.sort((one, other) => one.far - other.far).forEach(({ label, far }, n) => {
      spots[n].replaceWith(label);
      const note = label.querySelector("[data-far]");
      note.hidden = far === Infinity;
      note.textContent = far === Infinity ? "" : `${words.farSaid}: ${length.format(far)}`;
    });
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    button.disabled = false;
    said.textContent = words.sorted;
  };
  const refused = () => {
    button.disabled = false;
    said.textContent = words.refused;
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = words.waiting;
    navigator.geolocation.getCurrentPosition(found, refused, { timeout: 10000, maximumAge: 300000 });
  });
}
