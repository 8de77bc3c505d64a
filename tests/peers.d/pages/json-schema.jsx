import React, {useState} from 'react';
import {createRoot} from 'react-dom/client';
import Form from '@rjsf/core';
import validator from '@rjsf/validator-ajv8';

const schema = {
  title: 'Contact us', type: 'object', required: ['name', 'email', 'topic', 'message', 'agree'],
  properties: {
    name: {type: 'string', title: 'Your name'},
    email: {type: 'string', title: 'E-mail address', format: 'email'},
    phone: {type: 'string', title: 'Phone number'},
    topic: {type: 'string', title: 'Topic', enum: ['Orders', 'General question', 'Careers']},
    message: {type: 'string', title: 'Message', minLength: 10},
    agree: {type: 'boolean', title: 'I agree to the privacy policy', const: true},
  },
};

function Contact() {
  const [sent, setSent] = useState(false);
  const submit = async ({formData}) => {
    const answer = await fetch('/send/json-schema', {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(formData)});
    setSent(answer.ok);
  };
  if (sent) return <p>Thanks, your enquiry has been submitted.</p>;
  return <Form schema={schema} uiSchema={{message: {'ui:widget': 'textarea'}}} validator={validator} onSubmit={submit} />;
}
createRoot(document.getElementById('root')).render(<Contact />);
