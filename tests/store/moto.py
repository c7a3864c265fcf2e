# tests/store/moto.py: starts moto with signatures checked, makes buckets and a user, runs a command.
import json
import os
import socket
import subprocess
import sys
import time

import boto3

with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]
setup = 6  # requests before moto begins to check: those below
log = open('build/moto.log', 'w')
server = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), 'moto_server'), '-H', '127.0.0.1', '-p', str(port)],
                          env=dict(os.environ, INITIAL_NO_AUTH_ACTION_COUNT=str(setup)), stdout=log, stderr=log)
try:
    for _ in range(300):
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            break
        except OSError:
            time.sleep(0.1)
    url = f'http://127.0.0.1:{port}'
    anyone = dict(endpoint_url=url, region_name='us-east-1', aws_access_key_id='x', aws_secret_access_key='y')
    iam, s3 = boto3.client('iam', **anyone), boto3.client('s3', **anyone)
    iam.create_user(UserName='lake')
    key = iam.create_access_key(UserName='lake')['AccessKey']
    allow = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}]}
    iam.put_user_policy(UserName='lake', PolicyName='all', PolicyDocument=json.dumps(allow))
    for bucket in ('lake', 'models', 'other'):
        s3.create_bucket(Bucket=bucket)
    refusal = ''
    try:
        boto3.client('s3', **dict(anyone, aws_access_key_id=key['AccessKeyId'])).list_objects_v2(Bucket='lake')
    except s3.exceptions.ClientError as error:
        refusal = error.response['Error']['Code']
    if refusal != 'SignatureDoesNotMatch':
        sys.exit(f'moto does not check signatures: {refusal}')
    code = subprocess.call(sys.argv[1:], env=dict(os.environ, TEST_S3_URL=url, TEST_S3_KEY=key['AccessKeyId'],
                                                  TEST_S3_SECRET=key['SecretAccessKey'], TEST_S3_REGION='us-east-1'))
finally:
    server.terminate()
sys.exit(code)
