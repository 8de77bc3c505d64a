import React, {useState} from 'react';
import {createRoot} from 'react-dom/client';
import Select from 'react-select';

const themen = [{value: 'bestellung', label: 'Bestellung'}, {value: 'produkte', label: 'Fragen zu Produkten'}, {value: 'sonstiges', label: 'Sonstiges'}];

function Kontakt() {
  const [gesendet, setGesendet] = useState(false);
  const senden = async event => {
    event.preventDefault();
    const answer = await fetch('/send/react-select', {method: 'POST', body: new FormData(event.target)});
    setGesendet(answer.ok);
  };
  if (gesendet) return <p>Danke, Ihre Nachricht ist bei uns angekommen.</p>;
  return (
    <form onSubmit={senden}>
      <h1>Kontakt</h1>
      <style>{`.box input { position: absolute; opacity: 0; width: 1px; height: 1px } .box span::before { content: "☐ " } .box input:checked + span::before { content: "☑ " }`}</style>
      <label>Anrede <select name="anrede"><option value="">–</option><option>Frau</option><option>Herr</option></select></label>
      <label>Vorname <input name="vorname" required /></label>
      <label>Nachname <input name="nachname" required /></label>
      <label>E-Mail <input name="email" type="email" required /></label>
      <label htmlFor="thema">Thema</label>
      <Select inputId="thema" name="thema" options={themen} placeholder="Bitte wählen..." required />
      <label>Nachricht <textarea name="nachricht" required /></label>
      <label className="box"><input type="checkbox" name="datenschutz" value="ja" required /><span>Ich stimme der Verarbeitung meiner Daten gemäß der Datenschutzerklärung zu</span></label>
      <button>Absenden</button>
    </form>
  );
}
createRoot(document.getElementById('root')).render(<Kontakt />);
