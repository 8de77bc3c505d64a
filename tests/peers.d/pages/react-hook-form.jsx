import React, {useState} from 'react';
import {createRoot} from 'react-dom/client';
import {useForm} from 'react-hook-form';

function Contact() {
  const {register, handleSubmit, formState: {errors, isValid, isSubmitting}} = useForm({mode: 'onTouched'});
  const [sent, setSent] = useState(false);
  const send = async data => {
    const answer = await fetch('/send/react-hook-form', {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(data)});
    setSent(answer.ok);
  };
  if (sent) return <div role="status"><h2>Thanks for reaching out!</h2><p>Your message has been sent.</p></div>;
  return (
    <form onSubmit={handleSubmit(send)} noValidate>
      <h1>Get in touch</h1>
      <input placeholder="Full name" {...register('name', {required: true})} />
      <input placeholder="Email" {...register('email', {required: true, pattern: /^\S+@\S+\.\S+$/})} />
      {errors.email && <p role="alert">Please enter a valid email</p>}
      <input placeholder="Phone (optional)" type="tel" {...register('phone')} />
      <select {...register('topic', {required: true})} defaultValue="">
        <option value="" disabled>Choose a topic</option><option>Orders</option><option>General enquiry</option><option>Press</option>
      </select>
      <textarea placeholder="How can we help?" {...register('message', {required: true, minLength: 20})} />
      <label><input type="checkbox" {...register('terms', {required: true})} /> I agree to the processing of my data</label>
      <button type="submit" disabled={!isValid || isSubmitting}>Send</button>
    </form>
  );
}
createRoot(document.getElementById('root')).render(<Contact />);
