// Menus are <details>; this closes them by Escape and by a click elsewhere.
export function startMenus(root) {
  const open = () => root.querySelectorAll("details.menu[open]");
  root.addEventListener("click", ({ target }) => {
    for (const menu of open()) if (!menu.contains(target)) menu.open = false;
  });
  root.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
