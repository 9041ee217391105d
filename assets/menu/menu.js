// Streamlit's menu puts its list items into groups, which no list may hold: screen readers lose count. Without the roles
// it is what it looks like, links under headings. See components/menu.py.

const LISTS = '[data-testid="stSidebarNavItems"]';

export default function () {
  const sidebar = document.querySelector('[data-testid="stSidebar"]');
  if (!sidebar) return; // a kiosk has none
  const mend = () => {
    for (const part of sidebar.querySelectorAll(`${LISTS}, ${LISTS} li`)) part.setAttribute("role", "none");
  };
  mend();
  const observer = new MutationObserver(mend);
  observer.observe(sidebar, { childList: true, subtree: true });
  return () => observer.disconnect();
}
