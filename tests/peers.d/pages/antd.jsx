import React, {useState} from 'react';
import {createRoot} from 'react-dom/client';
import {Button, Checkbox, Form, Input, Result, Select} from 'antd';

function Contact() {
  const [sent, setSent] = useState(false);
  const finish = async values => {
    const answer = await fetch('/send/antd', {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(values)});
    setSent(answer.ok);
  };
  if (sent) return <Result status="success" title="Your message is on its way" subTitle="We usually answer within two working days." />;
  return (
    <Form layout="vertical" onFinish={finish} style={{maxWidth: 500, margin: 30}}>
      <h1>Contact us</h1>
      <Form.Item name="name" label="Name" rules={[{required: true}]}><Input /></Form.Item>
      <Form.Item name="email" label="E-mail" rules={[{required: true, type: 'email'}]}><Input /></Form.Item>
      <Form.Item name="department" label="Department" rules={[{required: true}]}>
        <Select placeholder="Select a department" options={[{value: 'sales', label: 'Sales'}, {value: 'care', label: 'Customer service'}, {value: 'other', label: 'Other'}]} />
      </Form.Item>
      <Form.Item name="message" label="Message" rules={[{required: true}]}><Input.TextArea rows={5} maxLength={500} showCount /></Form.Item>
      <Form.Item name="agree" valuePropName="checked" rules={[{validator: (_, v) => v ? Promise.resolve() : Promise.reject('Please agree')}]}>
        <Checkbox>I have read the <a href="/privacy">privacy statement</a></Checkbox>
      </Form.Item>
      <Button type="primary" htmlType="submit">Send</Button>
    </Form>
  );
}
createRoot(document.getElementById('root')).render(<Contact />);
