import React, {useState} from 'react';
import {createRoot} from 'react-dom/client';
import {Checkbox, Label, RadioGroup, Select} from 'radix-ui';

function Item({value, children}) {
  return <Select.Item value={value}><Select.ItemText>{children}</Select.ItemText></Select.Item>;
}
function Contact() {
  const [sent, setSent] = useState(false);
  const submit = async event => {
    event.preventDefault();
    const answer = await fetch('/send/radix', {method: 'POST', body: new FormData(event.currentTarget)});
    setSent(answer.ok);
  };
  if (sent) return <section><h2>Message sent</h2><p>Thank you! We will reply by e-mail.</p></section>;
  return (
    <form onSubmit={submit}>
      <style>{`button[role=checkbox], button[role=radio] { width: 20px; height: 20px } [role=listbox] { background: white; border: 1px solid }`}</style>
      <h1>Write to us</h1>
      <p><Label.Root htmlFor="name">Full name</Label.Root> <input id="name" name="name" required /></p>
      <p><Label.Root htmlFor="email">Email address</Label.Root> <input id="email" name="email" type="email" required /></p>
      <p><Label.Root htmlFor="salutation">Salutation *</Label.Root>
        <Select.Root name="salutation" required>
          <Select.Trigger id="salutation"><Select.Value placeholder="Select…" /></Select.Trigger>
          <Select.Portal><Select.Content position="popper"><Select.Viewport>
            <Item value="mr">Mr</Item><Item value="ms">Ms</Item>
          </Select.Viewport></Select.Content></Select.Portal>
        </Select.Root></p>
      <p id="subject">Subject *</p>
      <RadioGroup.Root name="subject" required aria-labelledby="subject">
        <RadioGroup.Item value="orders" id="r1"><RadioGroup.Indicator>●</RadioGroup.Indicator></RadioGroup.Item> <Label.Root htmlFor="r1">Orders</Label.Root>
        <RadioGroup.Item value="other" id="r2"><RadioGroup.Indicator>●</RadioGroup.Indicator></RadioGroup.Item> <Label.Root htmlFor="r2">Other</Label.Root>
      </RadioGroup.Root>
      <p><Label.Root htmlFor="message">Message</Label.Root> <textarea id="message" name="message" required /></p>
      <p><Checkbox.Root id="terms" name="terms" value="yes" required><Checkbox.Indicator>✓</Checkbox.Indicator></Checkbox.Root> <Label.Root htmlFor="terms">I accept the privacy policy</Label.Root></p>
      <button type="submit">Send</button>
    </form>
  );
}
createRoot(document.getElementById('root')).render(<Contact />);
