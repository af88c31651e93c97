// "Nearest first" in the list of libraries and of copies: the browser tells where it is, the server sorts.
// Without this script, or without an answer, the list can be searched by a street or a district.
const button = document.querySelector("button[data-near]");

if (button && "geolocation" in navigator) {
  const form = button.form;
  const field = form.elements[button.dataset.near];
  const said = form.querySelector("[data-near-said]");
  const say = (text) => { said.textContent = text; };

  // Three digits are about a hundred metres: nearer than that nobody has to know it.
  const rounded = (degrees) => degrees.toFixed(3);

  const found = ({ coords }) => {
    field.value = `${rounded(coords.latitude)},${rounded(coords.longitude)}`;
    field.disabled = false;
    form.submit();
  };
  const refused = () => {
    button.disabled = false;
    say(button.dataset.refused);
    form.elements.q?.focus();
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    say(button.dataset.waiting);
    navigator.geolocation.getCurrentPosition(found, refused, { timeout: 10000, maximumAge: 300000 });
  });
}
